// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads what a receiver or a sender sends: a compound packet, or a single one of reduced size (RFC 5506).
#pragma once

#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc {

// The messages of one datagram, in their order; at most some ten bytes of memory for each of the datagram's. Packets of
// other types are skipped. bad_input, and nothing of the datagram, where a length leads outside
// or a packet is not as its type wants it.
Result<std::vector<RtcpMessage>> read_rtcp(ByteView datagram);

}  // namespace millrace::webrtc
