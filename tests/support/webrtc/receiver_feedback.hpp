// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes what receivers say (RFC 3550 6.4.2, RFC 4585 6, draft-alvestrand-rmcat-remb-03): the counterpart of
// rtcp_reader.
#pragma once

#include <cstdint>
#include <span>

#include "common/base/bytes.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc::test {

void write_receiver_report(ByteWriter& out, std::uint32_t own, std::span<const ReportBlock> blocks);
// In ascending order; what is within 16 of another shares its entry.
void write_nack(ByteWriter& out, std::uint32_t own, std::uint32_t source, std::span<const std::uint16_t> lost);
void write_pli(ByteWriter& out, std::uint32_t own, std::uint32_t source);
void write_remb(ByteWriter& out, std::uint32_t own, std::uint32_t source, std::uint64_t bits_per_second);

}  // namespace millrace::webrtc::test
