// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/rtcp_feedback_writer.hpp"

#include <algorithm>

#include "webrtc/core/rtp/rtcp_wire.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::size_t kReportBlockWords = 6;
constexpr std::size_t kFeedbackWords = 2;  // who says it, and of what (RFC 4585 6.1)
constexpr std::uint16_t kFollowing = 16;   // that one NACK entry tells of beside its own

// How many of `lost`, from the first, one entry tells of.
std::size_t entry_length(std::span<const std::uint16_t> lost) {
    std::size_t count = 1;
    while (count < lost.size()) {
        const auto after = static_cast<std::uint16_t>(lost[count] - lost[0]);
        if (after == 0 || after > kFollowing) break;
        ++count;
    }
    return count;
}

// 6.2.1: a number, and a bit for each of the sixteen after it.
void write_nack_entry(ByteWriter& out, std::span<const std::uint16_t> lost) {
    unsigned following = 0;
    for (std::uint16_t number : lost.subspan(1)) following |= 1U << (static_cast<std::uint16_t>(number - lost[0]) - 1);
    out.u16(lost[0]);
    out.u16(following);
}

}  // namespace

void write_receiver_report(ByteWriter& out, std::uint32_t sender, std::span<const ReportBlock> blocks) {
    constexpr std::size_t kMost = 31;
    blocks = blocks.first(std::min(blocks.size(), kMost));
    write_rtcp_header(out, RtcpType::receiver_report, blocks.size(), 1 + blocks.size() * kReportBlockWords);
    out.u32(sender);
    for (const ReportBlock& block : blocks) {
        out.u32(block.ssrc);
        out.u8(block.fraction_lost);
        out.u24(static_cast<std::uint32_t>(std::clamp(block.cumulative_lost, -0x800000, 0x7fffff)));
        out.u32(block.highest_sequence);
        out.u32(block.jitter);
        out.u32(block.last_report);
        out.u32(block.since_last_report);
    }
}

void write_nack(ByteWriter& out, std::uint32_t sender, std::uint32_t ssrc, std::span<const std::uint16_t> lost) {
    std::size_t entries = 0;
    for (std::size_t at = 0; at < lost.size(); at += entry_length(lost.subspan(at))) ++entries;
    if (entries == 0) return;
    write_rtcp_header(out, RtcpType::transport_feedback, kFormatNack, kFeedbackWords + entries);
    out.u32(sender);
    out.u32(ssrc);
    while (!lost.empty()) {
        const std::size_t length = entry_length(lost);
        write_nack_entry(out, lost.first(length));
        lost = lost.subspan(length);
    }
}

void write_picture_loss(ByteWriter& out, std::uint32_t sender, std::uint32_t ssrc) {
    write_rtcp_header(out, RtcpType::payload_feedback, kFormatPli, kFeedbackWords);
    out.u32(sender);
    out.u32(ssrc);
}

void write_full_intra_request(ByteWriter& out, std::uint32_t sender, std::uint32_t ssrc, std::uint8_t command) {
    write_rtcp_header(out, RtcpType::payload_feedback, kFormatFir, kFeedbackWords + 2);
    out.u32(sender);
    out.u32(0);  // 4.3.1.2: the source is in the entry
    out.u32(ssrc);
    out.u8(command);
    out.u24(0);
}

void write_bitrate_estimate(ByteWriter& out, std::uint32_t sender, const BitrateEstimate& estimate) {
    constexpr std::size_t kMost = 255;
    constexpr std::uint64_t kMantissaEnd = 1 << 18;
    const std::span<const std::uint32_t> ssrcs(estimate.ssrcs.data(), std::min(estimate.ssrcs.size(), kMost));
    std::uint64_t mantissa = estimate.bits_per_second;
    unsigned exponent = 0;
    for (; mantissa >= kMantissaEnd; mantissa >>= 1) ++exponent;
    write_rtcp_header(out, RtcpType::payload_feedback, kFormatApplication, kFeedbackWords + 2 + ssrcs.size());
    out.u32(sender);
    out.u32(0);
    out.text("REMB");
    out.u8(ssrcs.size());
    out.u24(exponent << 18 | mantissa);
    for (std::uint32_t ssrc : ssrcs) out.u32(ssrc);
}

}  // namespace millrace::webrtc
