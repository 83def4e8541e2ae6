// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/packet_output.hpp"

#include <algorithm>

namespace millrace::webrtc {

std::size_t PacketOutput::write(const RtpHeader& header, const Packet& packet) {
    const std::size_t prefix = packet.original ? kRtxHeaderSize : 0;
    auto out = arena_.reserve(header.size() + prefix + packet.payload.size() + srtp_.overhead());
    if (out.empty()) return 0;
    header.write(out, {.sequence = static_cast<std::uint16_t>(packet.index),
                       .timestamp = packet.timestamp,
                       .marker = packet.marker,
                       .padded = packet.padded,
                       .abs_send_time = to_abs_send_time(now_),
                       .transport_sequence = count_.next});
    const std::size_t size = protect(header, packet, out);
    arena_.commit(to_, size);
    if (count_.negotiated && size > 0) {
        const std::uint16_t number = count_.next++;
        if (count_.told != nullptr) count_.told->on_sent(number, size, now_);
    }
    return size;
}

std::optional<std::size_t> PacketOutput::write_rtcp(ByteView compound, SrtcpSender& srtcp) {
    auto out = arena_.reserve(compound.size() + srtcp_overhead(srtp_.profile()));
    if (out.empty()) return std::nullopt;
    const std::size_t size = srtcp.protect(compound, out);
    arena_.commit(to_, size);
    return size;
}

std::size_t PacketOutput::protect(const RtpHeader& header, const Packet& packet, std::span<std::uint8_t> out) {
    const ByteView head = ByteView(out).first(header.size());
    if (!packet.original) return srtp_.protect(head, packet.payload, packet.index, out);
    // A retransmission is rare enough to be put together first, and encrypted where it is.
    auto body = out.subspan(header.size(), kRtxHeaderSize + packet.payload.size());
    write_rtx_header(body, *packet.original);
    std::ranges::copy(packet.payload, body.subspan(kRtxHeaderSize).begin());
    return srtp_.protect(head, body, packet.index, out);
}

}  // namespace millrace::webrtc
