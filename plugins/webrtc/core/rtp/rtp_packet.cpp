// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/rtp_packet.hpp"

namespace millrace::webrtc {

namespace {

constexpr unsigned kVersion = 2;
constexpr std::uint8_t kPaddingFlag = 0x20;
constexpr std::uint8_t kExtensionFlag = 0x10;

// RFC 8285 4.2 and 4.3; the low four bits of the other mark are the application's.
RtpPacket::ExtensionForm form_of(std::uint16_t profile) {
    if (profile == 0xbede) return RtpPacket::ExtensionForm::one_byte;
    if ((profile & 0xfff0) == 0x1000) return RtpPacket::ExtensionForm::two_bytes;
    return RtpPacket::ExtensionForm::none;
}

std::optional<ByteView> find_one_byte(ByteReader in, std::uint8_t id) {
    constexpr unsigned kStop = 15;  // reserved: nothing behind it is to be read
    while (!in.empty()) {
        const unsigned element = in.u8();
        if (element == 0) continue;
        if (element >> 4 == kStop) return {};
        const ByteView data = in.take((element & 0x0f) + 1);
        if (in.failed()) return {};
        if (element >> 4 == id) return data;
    }
    return {};
}

std::optional<ByteView> find_two_bytes(ByteReader in, std::uint8_t id) {
    while (!in.empty()) {
        const unsigned element = in.u8();
        if (element == 0) continue;
        const ByteView data = in.take(in.u8());
        if (in.failed()) return {};
        if (element == id) return data;
    }
    return {};
}

}  // namespace

std::optional<ByteView> RtpPacket::extension(std::uint8_t id) const {
    if (id == 0) return {};
    if (form == ExtensionForm::one_byte) return find_one_byte(ByteReader(extensions), id);
    if (form == ExtensionForm::two_bytes) return find_two_bytes(ByteReader(extensions), id);
    return {};
}

std::optional<RtpPacket> read_rtp_packet(ByteView datagram) {
    ByteReader in(datagram);
    RtpPacket packet;
    const std::uint8_t first = in.u8();
    const std::uint8_t second = in.u8();
    packet.marker = (second & 0x80) != 0;
    packet.payload_type = second & 0x7f;
    packet.sequence = in.u16();
    packet.timestamp = in.u32();
    packet.ssrc = in.u32();
    packet.contributors = first & 0x0f;
    in.skip(std::size_t{packet.contributors} * 4);
    if ((first & kExtensionFlag) != 0) {
        packet.form = form_of(in.u16());
        packet.extensions = in.take(std::size_t{in.u16()} * 4);
    }
    if (in.failed() || first >> 6 != kVersion) return {};
    packet.payload = in.rest();
    packet.header_size = datagram.size() - packet.payload.size();
    if ((first & kPaddingFlag) != 0) {
        packet.padding = packet.payload.empty() ? 0 : packet.payload.back();
        if (packet.padding == 0 || packet.padding > packet.payload.size()) return {};
        packet.payload = packet.payload.first(packet.payload.size() - packet.padding);
    }
    return packet;
}

}  // namespace millrace::webrtc
