// SPDX-License-Identifier: LGPL-2.1-or-later
// What one viewer has cost, and how it fares.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.hpp"

namespace millrace::webrtc {

struct ViewerStats {
    std::uint64_t packets = 0;  // RTP, with what was sent again
    std::uint64_t bytes = 0;    // of UDP payload, RTP and RTCP
    std::uint64_t resent = 0;   // packets that were lost and sent again
    std::uint64_t refused = 0;  // packets that were asked for again in vain
    std::uint64_t key_frame_requests = 0;
    std::uint64_t climbs = 0;                      // to a higher rung
    std::uint64_t descents = 0;                    // to a lower one
    std::uint64_t restarts = 0;                    // at a key frame, because the ring had moved on
    std::uint64_t rejected_rtcp = 0;               // forged, repeated or malformed datagrams
    double loss = 0;                               // 0 to 1, as last reported
    Duration round_trip{};                         // 0: not known yet
    std::optional<std::uint64_t> bits_per_second;  // what it thinks it can take
};

}  // namespace millrace::webrtc
