// SPDX-License-Identifier: LGPL-2.1-or-later
// AV1 in RTP payloads: OBUs without their size fields, cut anywhere, in packets of one size.
#include "webrtc/core/rtp/av1_packetizer.hpp"

#include <gtest/gtest.h>

#include "tests/core/webrtc/rtp/depacketizers.hpp"
#include "tests/support/hex_bytes.hpp"
#include "tests/support/sanitized.hpp"

namespace millrace::webrtc {
namespace {

using test::from_hex;
using test::is_one_run;
using test::kEvery;
using test::noise;
using test::unpadded;

constexpr std::string_view kSequenceHeader = "08 0000002d4cffb3c02f80";
constexpr std::uint8_t kFrame = 0x30;     // OBU_FRAME
constexpr std::uint8_t kMetadata = 0x28;  // OBU_METADATA

Bytes obu(std::uint8_t header, std::size_t payload, std::uint8_t first, std::uint32_t seed = 1) {
    Bytes out = noise(1 + payload, seed);
    out[0] = header;
    if (payload > 0) out[1] = first;
    return out;
}
Bytes key_frame(std::size_t payload) {
    return obu(kFrame, payload, 0x10);  // KEY_FRAME, shown
}
Bytes delta_frame(std::size_t payload, std::uint32_t seed = 1) {
    return obu(kFrame, payload, 0x30, seed);
}

// As encoders write them: each with its size, behind a temporal delimiter.
Bytes unit_of(const std::vector<Bytes>& obus) {
    ByteWriter out;
    out.bytes(from_hex("1200"));
    for (const Bytes& obu : obus) {
        std::size_t header = (obu[0] & 0x04) != 0 ? 2 : 1;
        out.u8(obu[0] | 0x02);
        out.bytes(ByteView(obu).subspan(1, header - 1));
        std::size_t size = obu.size() - header;
        for (; size > 0x7f; size >>= 7) out.u8((size & 0x7f) | 0x80);
        out.u8(size);
        out.bytes(ByteView(obu).subspan(header));
    }
    return std::move(out).take();
}

Payloads packetize(const std::vector<Bytes>& obus, std::size_t max) {
    Av1Packetizer packets({.mtu = max, .overhead = 0});
    auto payloads = packets.packetize(unit_of(obus));
    if (!payloads) throw std::runtime_error(payloads.error().what);
    for (const auto& packet : payloads->packets) EXPECT_LE(packet.size, max);
    return std::move(*payloads);
}

TEST(Av1Packets, AFrameOfAnyLengthArrivesInOneRun) {
    for (std::size_t size = 1; size < 4000; size += kEvery) {
        std::vector<Bytes> obus = {delta_frame(size)};
        Payloads payloads = packetize(obus, 1000);
        auto unit = test::av1_temporal_unit(unpadded(payloads));
        EXPECT_EQ(unit.obus, obus);
        EXPECT_FALSE(unit.starts_sequence);
        EXPECT_FALSE(payloads.key_frame);
        EXPECT_TRUE(is_one_run(payloads)) << size;
        EXPECT_EQ(payloads.packets.size(), (size + 1 + 998) / 999);
    }
}

TEST(Av1Packets, AKeyFrameBeginsASequenceWithItsHeader) {
    for (std::size_t size = 1; size < 4000; size += kEvery) {
        std::vector<Bytes> obus = {from_hex(kSequenceHeader), key_frame(size)};
        Payloads payloads = packetize(obus, 1000);
        auto unit = test::av1_temporal_unit(unpadded(payloads));
        EXPECT_EQ(unit.obus, obus);
        EXPECT_TRUE(unit.starts_sequence);
        EXPECT_TRUE(payloads.key_frame);
        EXPECT_TRUE(is_one_run(payloads)) << size;
    }
}

TEST(Av1Packets, AnyNumberOfObusIsOneRun) {
    for (std::uint32_t seed = 0; seed < 3000; seed += kEvery) {
        Bytes sizes = noise(12, seed);
        std::vector<Bytes> obus;
        for (unsigned i = 0; i < 1U + sizes[0] / 2 % 9; ++i) {
            std::size_t size = sizes[1 + i] * (seed % 7 == 0 ? 9U : 1U);
            obus.push_back(i % 3 == 2 ? obu(kMetadata, size, 1, i) : delta_frame(size, i));
        }
        Payloads payloads = packetize(obus, 400);
        EXPECT_EQ(test::av1_temporal_unit(unpadded(payloads)).obus, obus);
        EXPECT_TRUE(is_one_run(payloads)) << seed;
    }
}

TEST(Av1Packets, WhatMustNotBeSentIsDropped) {
    Bytes tile_list = obu(0x40, 30, 1);
    Bytes padding = obu(0x78, 30, 1);
    Payloads payloads = packetize({tile_list, delta_frame(50), padding}, 1000);
    EXPECT_EQ(test::av1_temporal_unit(unpadded(payloads)).obus, std::vector<Bytes>{delta_frame(50)});
    EXPECT_EQ(packetize({}, 1000).packets.size(), 0U);
}

TEST(Av1Packets, TheExtensionOfAHeaderStays) {
    Bytes extended = obu(0x34, 50, 0x08);
    Payloads payloads = packetize({extended}, 1000);
    EXPECT_EQ(test::av1_temporal_unit(unpadded(payloads)).obus, std::vector<Bytes>{extended});
}

// 4.4: W counts the elements; with it the last needs no length.
TEST(Av1Packets, AreAsTheFormatDrawsThem) {
    Payloads payloads = packetize({from_hex("08 aa"), from_hex("30 10 bb")}, 1000);
    EXPECT_EQ(payloads.bytes, from_hex("28 8200 08aa 3010bb"));
}

TEST(Av1Packets, AnObuThatLeadsOutsideIsRefused) {
    EXPECT_EQ(Av1Packetizer({}).packetize(from_hex("1200 3205 00")).error().fault, Fault::bad_input);
}

}  // namespace
}  // namespace millrace::webrtc
