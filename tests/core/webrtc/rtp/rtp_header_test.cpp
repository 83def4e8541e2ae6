// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/rtp_header.hpp"

#include <gtest/gtest.h>

#include "tests/core/webrtc/rtp/rtp_reader.hpp"
#include "tests/support/hex_bytes.hpp"

namespace millrace::webrtc {
namespace {

using test::from_hex;

Bytes written(const RtpHeader& header, const RtpPacketFields& fields) {
    Bytes out(header.size());
    header.write(out, fields);
    return out;
}

TEST(RtpHeader, WithoutExtensionsIsTwelveBytes) {
    RtpHeader header({.payload_type = 102, .ssrc = 0xdeadbeef, .ids = {}, .mid = "0", .playout_delay = {}});
    EXPECT_EQ(header.size(), 12U);
    EXPECT_EQ(written(header, {.sequence = 0x1234, .timestamp = 0x55667788, .marker = true}),
              from_hex("80e6 1234 55667788 deadbeef"));
    EXPECT_TRUE(header.repeatable());
}

TEST(RtpHeader, ExtensionsAreUnderTheNumbersOfTheOffer) {
    RtpStream stream{.payload_type = 96,
                     .ssrc = 7,
                     .ids = {.mid = 4, .abs_send_time = 2, .transport_cc = 3, .playout_delay = 14},
                     .mid = "video",
                     .playout_delay = {.least = 20ms, .most = 1s}};
    RtpHeader header(stream);
    EXPECT_EQ(header.size() % 4, 0U);
    RtpPacketFields fields{.sequence = 1, .timestamp = 2, .abs_send_time = 0x123456, .transport_sequence = 0xabcd};
    test::RtpPacket packet = test::read_rtp(written(header, fields));
    EXPECT_EQ(packet.payload_type, 96U);
    EXPECT_FALSE(packet.marker);
    EXPECT_EQ(
        packet.extensions,
        (std::map<unsigned, Bytes>{
            {2, from_hex("123456")}, {3, from_hex("abcd")}, {4, from_hex("766964656f")}, {14, from_hex("002064")}}));
    EXPECT_FALSE(header.repeatable());
}

TEST(RtpHeader, AllThatCanBeSaidFits) {
    RtpStream stream{.ids = {.mid = 1, .abs_send_time = 2, .transport_cc = 3, .playout_delay = 4},
                     .mid = std::string(16, 'm'),
                     .playout_delay = {.least = 0ms, .most = 100s}};
    RtpHeader header(stream);
    EXPECT_EQ(header.size(), RtpHeader::kMaxSize);
    test::RtpPacket packet = test::read_rtp(written(header, {}));
    EXPECT_EQ(packet.extensions[1], Bytes(16, 'm'));
    EXPECT_EQ(packet.extensions[4], from_hex("000fff"));
}

TEST(RtpHeader, NumbersThatOneByteCannotSayAndNamesTooLongAreLeftOut) {
    RtpStream stream{.ids = {.mid = 1, .abs_send_time = 15, .transport_cc = 0, .playout_delay = 200},
                     .mid = std::string(17, 'm'),
                     .playout_delay = {}};
    EXPECT_EQ(RtpHeader(stream).size(), 12U);
}

TEST(RtpHeader, PaddingIsSaidInTheHeaderAndEndsThePayload) {
    RtpHeader header(RtpStream{});
    Bytes packet = written(header, {.padded = true});
    for (std::uint8_t byte : {0xaa, 0xbb, 0x00, 0x02}) packet.push_back(byte);
    EXPECT_EQ(test::read_rtp(packet).payload, from_hex("aabb"));
}

TEST(AbsSendTime, IsSecondsInSixAndEighteenBits) {
    EXPECT_EQ(to_abs_send_time(TimePoint(1s)), 1U << 18);
    EXPECT_EQ(to_abs_send_time(TimePoint(63s + 500ms)), 63U << 18 | 1U << 17);
    EXPECT_EQ(to_abs_send_time(TimePoint(64s)), 0U);
    EXPECT_EQ(to_abs_send_time(TimePoint(-1s)), 63U << 18);
}

TEST(RtxHeader, IsTheOriginalSequenceNumber) {
    Bytes out(2);
    write_rtx_header(out, 0xfffe);
    EXPECT_EQ(out, from_hex("fffe"));
}

}  // namespace
}  // namespace millrace::webrtc
