// SPDX-License-Identifier: LGPL-2.1-or-later
// An RTP packet as a publisher sends it, in the fields that tests tell it by, and its bytes (RFC 3550 5.1, RFC 8285
// 4.2, RFC 4588 4).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "common/base/bytes.hpp"

namespace millrace::webrtc::test {

// What publishers here call theirs.
inline constexpr std::uint8_t kVideoType = 96;
inline constexpr std::uint8_t kRtxType = 97;
inline constexpr std::uint8_t kAudioType = 111;
inline constexpr std::uint32_t kVideo = 0x1000;
inline constexpr std::uint32_t kRtx = 0x1001;
inline constexpr std::uint32_t kAudio = 0x2000;

struct OutgoingPacket {
    std::uint32_t ssrc = kVideo;
    std::uint8_t type = kVideoType;
    std::uint64_t index = 0;  // the sequence number, unwrapped
    std::uint32_t timestamp = 0;
    Bytes payload = Bytes(100, 0x77);
    std::vector<std::pair<std::uint8_t, Bytes>> extensions{};
    std::uint8_t padding = 0;
    bool marker = false;
    std::uint8_t contributors = 0;  // CSRCs

    [[nodiscard]] std::size_t body_size() const { return payload.size() + padding; }
};

inline Bytes big_endian(std::uint64_t value, std::size_t width) {
    Bytes out(width);
    for (std::size_t i = 0; i < width; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
    return out;
}

// Without protection.
inline Bytes rtp_of(const OutgoingPacket& packet) {
    ByteWriter out;
    out.u8(0x80 | (packet.extensions.empty() ? 0U : 0x10U) | (packet.padding > 0 ? 0x20U : 0U) | packet.contributors);
    out.u8(packet.type | (packet.marker ? 0x80U : 0U));
    out.u16(packet.index & 0xffff);
    out.u32(packet.timestamp);
    out.u32(packet.ssrc);
    out.zeros(std::size_t{4} * packet.contributors);
    if (!packet.extensions.empty()) {
        ByteWriter elements;
        for (const auto& [id, data] : packet.extensions) {
            elements.u8(static_cast<std::uint64_t>(id) << 4 | (data.size() - 1));
            elements.bytes(data);
        }
        elements.zeros((4 - elements.size() % 4) % 4);
        out.u16(0xbede);
        out.u16(elements.size() / 4);
        out.bytes(elements.view());
    }
    out.bytes(packet.payload);
    if (packet.padding > 0) {
        out.zeros(packet.padding - 1U);
        out.u8(packet.padding);
    }
    return std::move(out).take();
}

// The same once more, from the source of retransmissions.
inline OutgoingPacket as_retransmission(const OutgoingPacket& packet, std::uint32_t ssrc, std::uint8_t type,
                                        std::uint64_t index) {
    OutgoingPacket rtx = packet;
    rtx.ssrc = ssrc;
    rtx.type = type;
    rtx.index = index;
    rtx.payload = big_endian(packet.index & 0xffff, 2);
    rtx.payload.insert(rtx.payload.end(), packet.payload.begin(), packet.payload.end());
    return rtx;
}

}  // namespace millrace::webrtc::test
