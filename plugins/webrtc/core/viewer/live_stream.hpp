// SPDX-License-Identifier: LGPL-2.1-or-later
// What viewers are sent from: a stream's rings, and the clocks that tell how its tracks lie in time.
#pragma once

#include <cstdint>
#include <optional>

#include "webrtc/core/rtp/media_ring.hpp"
#include "webrtc/core/rtp/send_clock.hpp"
#include "webrtc/core/viewer/live_rungs.hpp"

namespace millrace::webrtc {

struct LiveTrack {
    // Empty: the stream has no such track. For the life of a viewer a number in it means one packet: the same number
    // with other bytes would be encrypted with the same nonce.
    const MediaRing* ring = nullptr;
    std::uint32_t clock_rate = 90'000;
    std::uint32_t clock_offset = 0;

    [[nodiscard]] RtpClock clock() const { return {clock_rate, clock_offset}; }
};

struct LiveStream {
    LiveRungs rungs;
    LiveTrack video;  // the clock of all rungs
    LiveTrack audio;
    TimePoint origin;  // running time 0
    SendClock wall{Duration{}, UnixTime{}};

    [[nodiscard]] Duration running_time(TimePoint now) const { return now - origin; }
    [[nodiscard]] NtpTime ntp(TimePoint now) const { return wall.ntp(running_time(now)); }
    [[nodiscard]] std::uint64_t sound_bytes_per_second() const;
    // The running time that a frame is of, which is not when it came.
    [[nodiscard]] Duration media_time(const LiveTrack& track, const Frame& frame) const;
    // The first frame of the track that is not before this time, be it the next to come; nothing as long as none has.
    [[nodiscard]] std::optional<std::uint64_t> cursor_at(const LiveTrack& track, Duration media_time) const;
};

}  // namespace millrace::webrtc
