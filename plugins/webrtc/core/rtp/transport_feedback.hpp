// SPDX-License-Identifier: LGPL-2.1-or-later
// The body of transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1).
#pragma once

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc {

// From the base sequence number on, without padding of the packet.
Result<TransportFeedback> read_transport_feedback(ByteView body);

}  // namespace millrace::webrtc
