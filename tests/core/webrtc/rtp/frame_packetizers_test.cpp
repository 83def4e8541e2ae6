// SPDX-License-Identifier: LGPL-2.1-or-later
// VP8, VP9 and Opus in RTP payloads.
#include <gtest/gtest.h>

#include "tests/core/webrtc/rtp/depacketizers.hpp"
#include "tests/support/hex_bytes.hpp"
#include "tests/support/sanitized.hpp"
#include "webrtc/core/rtp/opus_packetizer.hpp"
#include "webrtc/core/rtp/vp8_packetizer.hpp"
#include "webrtc/core/rtp/vp9_packetizer.hpp"

namespace millrace::webrtc {
namespace {

using test::is_one_run;
using test::kEvery;
using test::noise;
using test::unpadded;

constexpr PacketSize kSize{.mtu = 1000, .overhead = 0};

Bytes frame_of(std::size_t size, std::uint8_t first) {
    Bytes out = noise(size, static_cast<std::uint32_t>(size));
    out[0] = first;
    return out;
}

TEST(Vp8Packets, AFrameOfAnyLengthArrivesInOneRun) {
    Vp8Packetizer packets(kSize);
    unsigned id = 0;
    for (std::size_t size = 1; size < 4000; size += kEvery, ++id) {
        bool key = size % 2 == 0;
        Bytes frame = frame_of(size, key ? 0x10 : 0x11);
        Payloads payloads = packets.packetize(frame).value();
        auto picture = test::vp8_picture(unpadded(payloads));
        EXPECT_EQ(picture.frame, frame);
        EXPECT_EQ(picture.id, id);
        EXPECT_EQ(payloads.key_frame, key);
        EXPECT_TRUE(is_one_run(payloads));
        EXPECT_LE(payloads.packets[0].size, 1000U);
        EXPECT_EQ(payloads.packets.size(), (size + 995) / 996);
    }
}

TEST(Vp8Packets, ThePictureIdWrapsAtFifteenBits) {
    Vp8Packetizer packets(kSize);
    Bytes frame = frame_of(10, 0x11);
    for (unsigned i = 0; i < 0x8000; ++i) ASSERT_TRUE(packets.packetize(frame));
    EXPECT_EQ(test::vp8_picture(unpadded(packets.packetize(frame).value())).id, 0U);
}

TEST(Vp9Packets, AFrameOfAnyLengthArrivesInOneRun) {
    Vp9Packetizer packets(1280, 720, kSize);
    unsigned id = 0;
    for (std::size_t size = 1; size < 4000; size += kEvery, ++id) {
        bool key = size % 3 == 0;
        Bytes frame = frame_of(size, key ? 0x82 : 0x86);  // frame marker, profile 0, frame_type, show_frame
        Payloads payloads = packets.packetize(frame).value();
        auto picture = test::vp9_picture(unpadded(payloads));
        EXPECT_EQ(picture.frame, frame);
        EXPECT_EQ(picture.id, id);
        EXPECT_EQ(picture.key, key);
        EXPECT_EQ(payloads.key_frame, key);
        EXPECT_TRUE(is_one_run(payloads)) << size;
        EXPECT_LE(payloads.packets[0].size, 1000U);
    }
}

// RFC 9628 4.2.1
TEST(Vp9Packets, AKeyFrameSaysItsSizeWhereItIsKnown) {
    Bytes key = frame_of(100, 0x82);
    auto structure = [&](std::uint32_t width, std::uint32_t height) {
        Vp9Packetizer packets(width, height, kSize);
        return test::vp9_picture(unpadded(packets.packetize(key).value())).structure;
    };
    EXPECT_EQ(structure(1280, 720), test::from_hex("18 0500 02d0 01 04 01"));
    EXPECT_EQ(structure(0, 0), test::from_hex("08 01 04 01"));
}

TEST(OpusPackets, APacketIsAPayloadWithoutMarker) {
    OpusPacketizer packets(kSize);
    Bytes packet = noise(160, 1);
    Payloads payloads = packets.packetize(packet).value();
    EXPECT_EQ(unpadded(payloads, false), std::vector<Bytes>{packet});
    EXPECT_TRUE(payloads.key_frame);
    EXPECT_EQ(packets.packetize(noise(1001, 1)).error().fault, Fault::bad_input);
}

TEST(FramePackets, AnEmptyFrameIsRefused) {
    EXPECT_EQ(Vp8Packetizer(kSize).packetize({}).error().fault, Fault::bad_input);
    EXPECT_EQ(Vp9Packetizer(1, 1, kSize).packetize({}).error().fault, Fault::bad_input);
    EXPECT_EQ(OpusPacketizer(kSize).packetize({}).error().fault, Fault::bad_input);
}

}  // namespace
}  // namespace millrace::webrtc
