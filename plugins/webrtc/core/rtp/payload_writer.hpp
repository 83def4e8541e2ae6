// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes the payloads of one access unit behind one another into one buffer. Knows padding, nothing of codecs.
#pragma once

#include <cstdint>
#include <utility>

#include "common/base/bytes.hpp"
#include "webrtc/core/rtp/packetizer.hpp"

namespace millrace::webrtc {

// Padding says its own length in one byte (RFC 3550 5.1).
inline constexpr std::size_t kMaxPadding = 255;

class PayloadWriter {
  public:
    explicit PayloadWriter(std::size_t expected) { out_.bytes.reserve(expected); }

    void begin() { start_ = out_.bytes.size(); }
    void u8(unsigned value) { out_.bytes.push_back(static_cast<std::uint8_t>(value)); }
    void u16(std::size_t value) {
        u8(static_cast<unsigned>(value >> 8 & 0xff));
        u8(static_cast<unsigned>(value & 0xff));
    }
    void bytes(ByteView view) { out_.bytes.insert(out_.bytes.end(), view.begin(), view.end()); }

    // Ends a packet, padded towards `size` as far as padding reaches.
    void end(std::size_t size = 0) {
        std::size_t written = out_.bytes.size() - start_;
        std::size_t padding = size > written ? std::min(size - written, kMaxPadding) : 0;
        if (padding > 0) {
            out_.bytes.insert(out_.bytes.end(), padding - 1, 0);
            u8(static_cast<unsigned>(padding));
        }
        out_.packets.push_back({.offset = static_cast<std::uint32_t>(start_),
                                .size = static_cast<std::uint32_t>(written + padding),
                                .padded = padding > 0});
    }

    // The marker ends a video frame; for audio it would say that a talkspurt begins (RFC 3551 4.1).
    [[nodiscard]] Payloads finish(bool key_frame, bool marked) && {
        if (marked && !out_.packets.empty()) out_.packets.back().marker = true;
        out_.key_frame = key_frame;
        return std::move(out_);
    }

  private:
    Payloads out_;
    std::size_t start_ = 0;
};

}  // namespace millrace::webrtc
