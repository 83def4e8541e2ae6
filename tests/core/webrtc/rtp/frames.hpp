// SPDX-License-Identifier: LGPL-2.1-or-later
// A track of frames that have sizes and times, and nothing in them.
#pragma once

#include "webrtc/core/rtp/frame.hpp"

namespace millrace::test {

class FrameSource {
  public:
    explicit FrameSource(std::uint16_t first = 1000) : sequence_(first) {}

    webrtc::FramePtr frame(std::size_t packets, bool key, TimePoint arrival, std::size_t packet_size = 100) {
        webrtc::Payloads media;
        media.key_frame = key;
        media.bytes.resize(packets * packet_size, static_cast<std::uint8_t>(++frames_));
        for (std::size_t i = 0; i < packets; ++i) {
            media.packets.push_back({.offset = static_cast<std::uint32_t>(i * packet_size),
                                     .size = static_cast<std::uint32_t>(packet_size),
                                     .marker = i + 1 == packets});
        }
        return sequence_.next(std::move(media), static_cast<std::uint32_t>(frames_ * 3000), arrival);
    }

  private:
    webrtc::FrameSequence sequence_;
    std::size_t frames_ = 0;
};

}  // namespace millrace::test
