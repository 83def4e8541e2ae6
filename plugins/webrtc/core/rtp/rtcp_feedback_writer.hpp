// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes what a receiver says: reports, and requests to the sender. `sender` is who says it, which is us.
#pragma once

#include <cstdint>
#include <span>

#include "common/base/bytes.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc {

// RFC 3550 6.4.2. At most 31 blocks, which is what one packet holds; with none it is how a compound begins.
void write_receiver_report(ByteWriter& out, std::uint32_t sender, std::span<const ReportBlock> blocks);

// RFC 4585 6.2.1. The numbers in their order, which may wrap; nothing is written where there are none.
void write_nack(ByteWriter& out, std::uint32_t sender, std::uint32_t ssrc, std::span<const std::uint16_t> lost);

// RFC 4585 6.3.1
void write_picture_loss(ByteWriter& out, std::uint32_t sender, std::uint32_t ssrc);

// RFC 5104 4.3.1. `command` is one more with every new request, and the same when one is repeated.
void write_full_intra_request(ByteWriter& out, std::uint32_t sender, std::uint32_t ssrc, std::uint8_t command);

// draft-alvestrand-rmcat-remb-03 2.2. Rounded down to the 18 bits that it has; at most 255 sources.
void write_bitrate_estimate(ByteWriter& out, std::uint32_t sender, const BitrateEstimate& estimate);

}  // namespace millrace::webrtc
