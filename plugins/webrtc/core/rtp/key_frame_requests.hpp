// SPDX-License-Identifier: LGPL-2.1-or-later
// When a track's source is asked for a key frame: all viewers' wishes (PLI, RFC 4585 6.3.1; FIR, RFC 5104 4.3.1; a
// viewer that joins) become at most one request in an interval. Browsers repeat theirs every 200 ms.
#pragma once

#include <cstdint>
#include <optional>

#include "webrtc/core/rtp/media_ring.hpp"

namespace millrace::webrtc {

class KeyFrameRequests {
  public:
    KeyFrameRequests() = default;
    explicit KeyFrameRequests(Duration interval) : interval_(interval) {}

    // Somebody needs one. True: ask the source now. Otherwise it has been asked lately; then poll() at deadline().
    bool want(TimePoint now);
    // Any key frame serves everybody who waits.
    void key_frame_arrived() { wanted_ = false; }
    // True: the last request brought nothing and somebody still waits; ask again.
    bool poll(TimePoint now);
    [[nodiscard]] TimePoint deadline() const { return wanted_ && asked_ ? *asked_ + interval_ : kNever; }

  private:
    bool ask_if_due(TimePoint now);

    Duration interval_ = 1s;
    bool wanted_ = false;
    std::optional<TimePoint> asked_;
};

// A viewer that asks for a key frame.
struct KeyFrameWish {
    std::uint64_t cursor = 0;                 // the next that it will be sent
    std::optional<TimePoint> key_frame_sent;  // when it was last sent the whole of one
    Duration round_trip{};
};

// Whether the wish needs no request: the viewer has not been sent all of the ring's newest key frame yet, or that
// reached it after it asked. (It cannot be sent that key frame twice: what comes behind it has been numbered.)
bool is_served_by(const MediaRing& ring, const KeyFrameWish& wish, TimePoint now);

}  // namespace millrace::webrtc
