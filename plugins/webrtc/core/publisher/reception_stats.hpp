// SPDX-License-Identifier: LGPL-2.1-or-later
// What was received of one publisher, in numbers. All but rates and times are counted from the beginning.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/time.hpp"

namespace millrace::webrtc {

struct TrackReceptionStats {
    std::uint64_t packets = 0;     // handed on
    std::uint64_t bytes = 0;       // of RTP, headers included
    std::int64_t lost = 0;         // on the way, before any was sent again; negative where packets came twice
    std::uint64_t recovered = 0;   // that came again
    std::uint64_t given_up = 0;    // that came too late to be asked for, or never
    std::uint64_t requested = 0;   // by NACK, each time counted
    std::uint64_t duplicates = 0;  // dropped
    std::uint64_t key_frame_requests = 0;
    std::uint64_t sources = 0;  // SSRCs that it was sent from, one after the other
    double fraction_lost = 0;   // 0 to 1, in the last report
    Duration jitter{};
    Duration round_trip{};  // 0: not known
};

struct ReceptionStats {
    std::vector<TrackReceptionStats> tracks;

    // Packets that were dropped, and why.
    std::uint64_t unknown_source = 0;
    std::uint64_t wrong_type = 0;
    std::uint64_t forged = 0;
    std::uint64_t replayed = 0;
    std::uint64_t malformed = 0;
    std::uint64_t too_many_sources = 0;
    std::uint64_t padding = 0;  // retransmissions of nothing
    std::uint64_t rejected_rtcp = 0;

    std::uint64_t transport_feedbacks = 0;  // sent
    std::uint64_t bitrate_estimates = 0;    // sent
    std::uint64_t bitrate_estimate = 0;     // bit/s, the last that was sent
};

}  // namespace millrace::webrtc
