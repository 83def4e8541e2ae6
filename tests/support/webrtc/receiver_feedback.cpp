// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/receiver_feedback.hpp"

#include "webrtc/core/rtp/rtcp_wire.hpp"

namespace millrace::webrtc::test {

namespace {

// `count_or_format` is the five bits behind the version; `words` of 32 bits follow the header.
void write_header(ByteWriter& out, RtcpType type, std::size_t count_or_format, std::size_t words) {
    out.u8(kRtcpVersion << 6 | count_or_format);
    out.u8(static_cast<std::uint8_t>(type));
    out.u16(words);
}

}  // namespace

void write_receiver_report(ByteWriter& out, std::uint32_t own, std::span<const ReportBlock> blocks) {
    write_header(out, RtcpType::receiver_report, blocks.size(), 1 + 6 * blocks.size());
    out.u32(own);
    for (const ReportBlock& block : blocks) {
        out.u32(block.ssrc);
        out.u8(block.fraction_lost);
        out.u24(static_cast<std::uint32_t>(block.cumulative_lost));
        out.u32(block.highest_sequence);
        out.u32(block.jitter);
        out.u32(block.last_report);
        out.u32(block.since_last_report);
    }
}

void write_nack(ByteWriter& out, std::uint32_t own, std::uint32_t source, std::span<const std::uint16_t> lost) {
    ByteWriter entries;
    while (!lost.empty()) {
        const std::uint16_t first = lost[0];
        unsigned others = 0;
        for (lost = lost.subspan(1); !lost.empty(); lost = lost.subspan(1)) {
            const auto distance = static_cast<std::uint16_t>(lost[0] - first);
            if (distance == 0 || distance > 16) break;
            others |= 1U << (distance - 1);
        }
        entries.u16(first);
        entries.u16(others);
    }
    write_header(out, RtcpType::transport_feedback, kFormatNack, 2 + entries.size() / 4);
    out.u32(own);
    out.u32(source);
    out.bytes(entries.view());
}

void write_pli(ByteWriter& out, std::uint32_t own, std::uint32_t source) {
    write_header(out, RtcpType::payload_feedback, kFormatPli, 2);
    out.u32(own);
    out.u32(source);
}

void write_remb(ByteWriter& out, std::uint32_t own, std::uint32_t source, std::uint64_t bits_per_second) {
    constexpr std::uint64_t kMantissa = (1U << 18) - 1;
    unsigned exponent = 0;
    while (bits_per_second >> exponent > kMantissa) ++exponent;
    write_header(out, RtcpType::payload_feedback, kFormatApplication, 5);
    out.u32(own);
    out.u32(0);
    out.text("REMB");
    out.u8(1);
    out.u24(exponent << 18 | bits_per_second >> exponent);
    out.u32(source);
}

}  // namespace millrace::webrtc::test
