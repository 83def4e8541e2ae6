// SPDX-License-Identifier: LGPL-2.1-or-later
// An access unit in packets that have their sequence numbers: made once, then shared by all workers and never changed.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "common/base/time.hpp"
#include "webrtc/core/rtp/packetizer.hpp"

namespace millrace::webrtc {

struct Frame {
    std::uint64_t index = 0;           // one more with every frame of the track
    std::uint64_t first_sequence = 0;  // unwrapped: the lower 16 bits are what the header says
    std::uint32_t timestamp = 0;       // of the track's RTP clock
    TimePoint arrival;
    Payloads media;  // at least one packet

    [[nodiscard]] bool key_frame() const { return media.key_frame; }
    [[nodiscard]] std::size_t packets() const { return media.packets.size(); }
    [[nodiscard]] std::uint64_t end_sequence() const { return first_sequence + packets(); }
};

using FramePtr = std::shared_ptr<const Frame>;

// One packet of a frame: valid as long as the frame.
struct Slot {
    const Frame* frame = nullptr;
    std::size_t packet = 0;

    [[nodiscard]] ByteView payload() const { return frame->media.payload(packet); }
    [[nodiscard]] bool marker() const { return frame->media.packets[packet].marker; }
    [[nodiscard]] bool padded() const { return frame->media.packets[packet].padded; }
    [[nodiscard]] std::uint64_t sequence() const { return frame->first_sequence + packet; }
    [[nodiscard]] bool starts_key_frame() const { return frame->key_frame() && packet == 0; }
};

// Numbers the frames of one track.
class FrameSequence {
  public:
    // RFC 3550 5.1 wants the first number to be random; the owner has the dice.
    explicit FrameSequence(std::uint16_t first) : next_(first) {}

    // `media` has packets.
    FramePtr next(Payloads media, std::uint32_t timestamp, TimePoint arrival) {
        auto frame = std::make_shared<const Frame>(Frame{index_++, next_, timestamp, arrival, std::move(media)});
        next_ = frame->end_sequence();
        return frame;
    }

  private:
    std::uint64_t index_ = 0;
    std::uint64_t next_;
};

}  // namespace millrace::webrtc
