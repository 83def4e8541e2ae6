// SPDX-License-Identifier: LGPL-2.1-or-later
// Where things are in an RTP packet (RFC 3550 5.1), without copying any: for who reads a hundred thousand a second.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.hpp"

namespace millrace::webrtc::test {

struct RtpView {
    bool marker = false;
    bool padded = false;
    std::uint8_t payload_type = 0;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    std::size_t header_size = 0;  // with extensions
};

inline std::optional<RtpView> view_rtp(ByteView packet) {
    constexpr std::uint8_t kVersionTwo = 0x80;
    ByteReader in(packet);
    const std::uint8_t first = in.u8();
    const std::uint8_t second = in.u8();
    RtpView view;
    view.padded = (first & 0x20) != 0;
    view.marker = (second & 0x80) != 0;
    view.payload_type = second & 0x7f;
    view.sequence = in.u16();
    view.timestamp = in.u32();
    view.ssrc = in.u32();
    in.skip(std::size_t{4} * (first & 0x0f));
    if ((first & 0x10) != 0) {
        in.skip(2);
        in.skip(std::size_t{4} * in.u16());
    }
    view.header_size = packet.size() - in.remaining();
    if (in.failed() || (first & 0xc0) != kVersionTwo) return {};
    return view;
}

// Of a decrypted packet; empty where the padding is longer than what is there.
inline ByteView payload_of(ByteView packet, const RtpView& view) {
    ByteView payload = packet.subspan(view.header_size);
    if (!view.padded || payload.empty()) return payload;
    return payload.back() > payload.size() ? ByteView() : payload.first(payload.size() - payload.back());
}

}  // namespace millrace::webrtc::test
