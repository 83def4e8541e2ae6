// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/retransmission.hpp"

#include <cstring>

#include "webrtc/core/rtp/rtp_header.hpp"

namespace millrace::webrtc {

std::optional<std::span<std::uint8_t>> unwrap_retransmission(std::span<std::uint8_t> datagram, const RtpPacket& packet,
                                                             std::uint32_t ssrc, std::uint8_t payload_type) {
    if (packet.payload.size() < kRtxHeaderSize) return {};
    const std::uint8_t sequence[kRtxHeaderSize] = {packet.payload[0], packet.payload[1]};
    // The header moves over the number, which is shorter than moving the payload.
    std::memmove(datagram.data() + kRtxHeaderSize, datagram.data(), packet.header_size);
    const auto original = datagram.subspan(kRtxHeaderSize);
    original[1] = static_cast<std::uint8_t>((original[1] & 0x80) | payload_type);
    std::memcpy(original.data() + 2, sequence, sizeof sequence);
    for (std::size_t i = 0; i < 4; ++i) original[8 + i] = static_cast<std::uint8_t>(ssrc >> (24 - 8 * i));
    return original;
}

}  // namespace millrace::webrtc
