// SPDX-License-Identifier: LGPL-2.1-or-later
// An RTP packet read as a receiver does (RFC 3550 5.1, RFC 8285 4.2), by code that shares nothing with what wrote it.
// Throws std::runtime_error where it makes no sense.
#pragma once

#include <map>
#include <stdexcept>

#include "common/base/bytes.hpp"

namespace millrace::test {

struct RtpPacket {
    bool marker = false;
    unsigned payload_type = 0;
    unsigned sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    std::map<unsigned, Bytes> extensions;  // by id
    Bytes payload;                         // without padding
};

inline RtpPacket read_rtp(ByteView bytes) {
    ByteReader in(bytes);
    RtpPacket packet;
    unsigned first = in.u8();
    unsigned second = in.u8();
    if (first >> 6 != 2 || (first & 0x0f) != 0) throw std::runtime_error("not RTP as we send it");
    packet.marker = second >= 128;
    packet.payload_type = second % 128;
    packet.sequence = in.u16();
    packet.timestamp = in.u32();
    packet.ssrc = in.u32();
    if ((first & 0x10) != 0) {
        if (in.u16() != 0xbede) throw std::runtime_error("not extensions of one byte");
        ByteReader elements(in.take(in.u16() * std::size_t{4}));
        while (!elements.empty()) {
            unsigned element = elements.u8();
            if (element == 0) continue;
            ByteView data = elements.take(element % 16 + 1);
            if (!packet.extensions.emplace(element / 16, Bytes(data.begin(), data.end())).second) {
                throw std::runtime_error("an extension twice");
            }
        }
        if (elements.failed()) throw std::runtime_error("an extension leads outside");
    }
    packet.payload.assign(in.rest().begin(), in.rest().end());
    if (in.failed()) throw std::runtime_error("truncated");
    if ((first & 0x20) != 0) {
        std::size_t padding = packet.payload.empty() ? 0 : packet.payload.back();
        if (padding == 0 || padding > packet.payload.size()) throw std::runtime_error("wrong padding");
        packet.payload.resize(packet.payload.size() - padding);
    }
    return packet;
}

}  // namespace millrace::test
