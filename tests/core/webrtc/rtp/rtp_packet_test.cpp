// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/rtp_packet.hpp"

#include <gtest/gtest.h>

#include "tests/support/hex_bytes.hpp"

namespace millrace::webrtc {
namespace {

using test::from_hex;

Bytes copy(ByteView view) {
    return {view.begin(), view.end()};
}

TEST(RtpPacket, IsReadWithEverythingThatItMayHave) {
    const Bytes bytes = from_hex("b2e0fffe 00010203 11223344 aaaaaaaa bbbbbbbb bede0002 10300022 0102030f cafe 000003");
    auto packet = read_rtp_packet(bytes);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->payload_type, 96);
    EXPECT_TRUE(packet->marker);
    EXPECT_EQ(packet->sequence, 0xfffe);
    EXPECT_EQ(packet->timestamp, 0x00010203U);
    EXPECT_EQ(packet->ssrc, 0x11223344U);
    EXPECT_EQ(packet->contributors, 2);
    EXPECT_EQ(packet->header_size, 32U);
    EXPECT_EQ(packet->padding, 3);
    EXPECT_EQ(copy(packet->payload), from_hex("cafe"));
}

TEST(RtpPacket, HasExtensionsOfOneByte) {
    // Padding in between; 5 is not there; behind 15 nothing is read.
    const Bytes bytes = from_hex("90600001 00000000 00000001 bede0003 10300022 010203 f0 00 4077 00");
    auto packet = read_rtp_packet(bytes);
    ASSERT_TRUE(packet);
    EXPECT_EQ(copy(*packet->extension(1)), from_hex("30"));
    EXPECT_EQ(copy(*packet->extension(2)), from_hex("010203"));
    EXPECT_FALSE(packet->extension(0));
    EXPECT_FALSE(packet->extension(4));
    EXPECT_FALSE(packet->extension(5));
    EXPECT_FALSE(packet->extension(15));
}

TEST(RtpPacket, HasExtensionsOfTwoBytes) {
    const Bytes bytes = from_hex("90600001 00000000 00000001 10050003 0100 c803010203 00 1002ffff");
    auto packet = read_rtp_packet(bytes);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->extension(1)->empty());
    EXPECT_EQ(copy(*packet->extension(200)), from_hex("010203"));
    EXPECT_EQ(copy(*packet->extension(16)), from_hex("ffff"));
    EXPECT_FALSE(packet->extension(2));
}

TEST(RtpPacket, HasNoExtensionWhoseLengthLies) {
    EXPECT_FALSE(read_rtp_packet(from_hex("90600001 00000000 00000001 bede0001 1f303030"))->extension(1));
    EXPECT_FALSE(read_rtp_packet(from_hex("90600001 00000000 00000001 10000001 01ff3030"))->extension(1));
    EXPECT_FALSE(read_rtp_packet(from_hex("90600001 00000000 00000001 10000001 00000001"))->extension(1));
    EXPECT_FALSE(read_rtp_packet(from_hex("90600001 00000000 00000001 12340001 10303030"))->extension(1));
}

TEST(RtpPacket, IsRefusedWhereALengthLies) {
    EXPECT_FALSE(read_rtp_packet({}));
    EXPECT_FALSE(read_rtp_packet(from_hex("80600001 00000000 0000")));
    EXPECT_FALSE(read_rtp_packet(from_hex("40600001 00000000 00000001 00")));             // version 1
    EXPECT_FALSE(read_rtp_packet(from_hex("8f600001 00000000 00000001 00000000")));       // fifteen contributors
    EXPECT_FALSE(read_rtp_packet(from_hex("90600001 00000000 00000001")));                // no extension
    EXPECT_FALSE(read_rtp_packet(from_hex("90600001 00000000 00000001 bede0002 0000")));  // a shorter one
    EXPECT_FALSE(read_rtp_packet(from_hex("a0600001 00000000 00000001")));                // padding of nothing
    EXPECT_FALSE(read_rtp_packet(from_hex("a0600001 00000000 00000001 0000")));           // of 0
    EXPECT_FALSE(read_rtp_packet(from_hex("a0600001 00000000 00000001 0003")));           // longer than what is there
    EXPECT_TRUE(read_rtp_packet(from_hex("a0600001 00000000 00000001 0002"))->payload.empty());
}

TEST(RtpPacket, StaysWithinItsBoundsHoweverItIsCutOrChanged) {
    const Bytes whole = from_hex("b2e0fffe 00010203 11223344 aaaaaaaa bbbbbbbb bede0002 10300022 0102030f cafe 000003");
    auto look = [](Bytes bytes) {
        auto packet = read_rtp_packet(bytes);
        if (!packet) return;
        ASSERT_EQ(packet->header_size + packet->payload.size() + packet->padding, bytes.size());
        for (unsigned id = 0; id < 256; ++id) {
            auto data = packet->extension(static_cast<std::uint8_t>(id));
            if (!data || data->empty()) continue;
            ASSERT_LE(data->data() + data->size(), bytes.data() + packet->header_size);
        }
    };
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        for (std::size_t at = 0; at < size; ++at) {
            for (unsigned value = 0; value < 256; value += 5) {
                Bytes changed = cut;
                changed[at] = static_cast<std::uint8_t>(value);
                look(std::move(changed));
            }
        }
    }
}

}  // namespace
}  // namespace millrace::webrtc
