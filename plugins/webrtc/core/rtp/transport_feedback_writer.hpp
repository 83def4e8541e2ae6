// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1).
#pragma once

#include <cstdint>

#include "common/base/bytes.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc {

// How far apart in time two neighbours may be: 16 bits with a sign of 250 us.
inline constexpr Duration kMostFeedbackDelta = 8s;

// The whole packet. The arrivals are in the order of their numbers, each within `packets` of the base, and neighbours
// no further apart than kMostFeedbackDelta, one way or the other.
void write_transport_feedback(ByteWriter& out, std::uint32_t sender, std::uint32_t ssrc,
                              const TransportFeedback& feedback);

}  // namespace millrace::webrtc
