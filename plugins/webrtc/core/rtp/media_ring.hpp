// SPDX-License-Identifier: LGPL-2.1-or-later
// The newest frames of one track: what viewers are sent from, what a joining viewer starts with, and what is sent again
// when it was lost. A viewer is a cursor: the sequence number that it gets next. Each worker has a ring of its own over
// the same frames, so nothing here is locked.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "webrtc/core/rtp/frame.hpp"

namespace millrace::webrtc {

class MediaRing {
  public:
    struct Limits {
        std::size_t packets = 4096;  // 15 s of 2.5 Mbit/s
        std::size_t bytes = std::size_t{8} << 20;
    };
    MediaRing() : MediaRing(Limits{}) {}
    explicit MediaRing(const Limits& limits) : limits_(limits) {}

    // The newest frame always stays, however large. Frames before a gap in the numbers are forgotten: they and what
    // follows cannot be sent as one stream. A frame that is not newer is ignored.
    void append(FramePtr frame);

    [[nodiscard]] bool empty() const { return frames_.empty(); }
    [[nodiscard]] std::uint64_t begin() const { return empty() ? 0 : frames_.front()->first_sequence; }
    [[nodiscard]] std::uint64_t end() const { return empty() ? 0 : frames_.back()->end_sequence(); }
    [[nodiscard]] std::size_t packets() const { return end() - begin(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    // What a cursor is to be sent next.
    struct Next {
        enum class State {
            ready,      // slot, and the packets of its frame behind it
            caught_up,  // wait for the next frame
            fell_out,   // the ring does not have it any more: go on at newest_key_frame(), or wait for one
        };
        State state = State::caught_up;
        Slot slot;
    };
    [[nodiscard]] Next next(std::uint64_t cursor) const;

    // Where a decoder can start at the latest; nothing when no key frame is left.
    [[nodiscard]] FramePtr newest_key_frame() const { return key_frame_; }
    // The cursor of a viewer that joins: the newest key frame unless it is older than `oldest`. With nothing, it starts
    // at the next key frame, which should be asked for.
    [[nodiscard]] std::optional<std::uint64_t> entry(TimePoint now, Duration oldest) const;

    [[nodiscard]] std::optional<Slot> find(std::uint64_t sequence) const;

    // The mean over what is in the ring; 0 as long as that is less than a quarter of a second.
    [[nodiscard]] std::uint64_t bytes_per_second() const;

  private:
    void drop_oldest();

    Limits limits_;
    std::deque<FramePtr> frames_;
    std::size_t bytes_ = 0;
    FramePtr key_frame_;
};

// The number that the header's 16 bits mean, told by a cursor: the newest before it. Nothing where that would be before
// the first number there is.
std::optional<std::uint64_t> unwrap_before(std::uint16_t sequence, std::uint64_t cursor);

}  // namespace millrace::webrtc
