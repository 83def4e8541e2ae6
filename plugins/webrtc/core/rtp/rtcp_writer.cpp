// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/rtcp_writer.hpp"

#include <algorithm>

#include "webrtc/core/rtp/rtcp_wire.hpp"

namespace millrace::webrtc {

void write_sender_report(ByteWriter& out, const SenderReport& report) {
    write_rtcp_header(out, RtcpType::sender_report, 0, 6);
    out.u32(report.ssrc);
    out.u64(report.ntp.value);
    out.u32(report.timestamp);
    out.u32(report.packets);
    out.u32(report.octets);
}

void write_source_description(ByteWriter& out, std::uint32_t ssrc, std::string_view cname) {
    constexpr std::uint8_t kCname = 1;
    constexpr std::size_t kItemHeader = 2;
    cname = cname.substr(0, 255);
    std::size_t items = kItemHeader + cname.size();
    // RFC 3550 6.5: at least one zero ends the items, and they end at a word.
    std::size_t padded = items / 4 * 4 + 4;
    write_rtcp_header(out, RtcpType::source_description, 1, 1 + padded / 4);
    out.u32(ssrc);
    out.u8(kCname);
    out.u8(cname.size());
    out.text(cname);
    out.zeros(padded - items);
}

void write_bye(ByteWriter& out, std::span<const std::uint32_t> ssrcs) {
    constexpr std::size_t kMost = 31;
    ssrcs = ssrcs.first(std::min(ssrcs.size(), kMost));
    write_rtcp_header(out, RtcpType::bye, ssrcs.size(), ssrcs.size());
    for (std::uint32_t ssrc : ssrcs) out.u32(ssrc);
}

}  // namespace millrace::webrtc
