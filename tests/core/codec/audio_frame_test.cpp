// SPDX-License-Identifier: LGPL-2.1-or-later
// Audio that says what it is in its frames: MP3 headers, Opus packets and Opus's two configuration spellings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/codec/mp3.hpp"
#include "common/codec/opus.hpp"
#include "tests/support/hex_bytes.hpp"

namespace millrace::codec {
namespace {

using test::from_hex;
using testing::ElementsAreArray;

TEST(Mp3, AFrameHeaderSaysRateChannelsAndSize) {
    auto frame = parse_mp3_frame(from_hex("fffb9064"));  // MPEG-1 layer III, 128 kbit/s, 44.1 kHz, joint stereo
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->sample_rate, 44100u);
    EXPECT_EQ(frame->channels, 2u);
    EXPECT_EQ(frame->samples, 1152u);
    EXPECT_EQ(frame->bitrate, 128000u);
    EXPECT_EQ(frame->size, 417u);
}

TEST(Mp3, LowRatesHaveHalfTheSamples) {
    auto frame = parse_mp3_frame(from_hex("fff380c4"));  // MPEG-2 layer III, 64 kbit/s, 22.05 kHz, mono
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->sample_rate, 22050u);
    EXPECT_EQ(frame->channels, 1u);
    EXPECT_EQ(frame->samples, 576u);
    EXPECT_EQ(frame->size, 208u);
}

TEST(Mp3, WhatIsNoLayer3FrameIsRefused) {
    for (std::string_view bytes : {"", "fffb90", "00000000", "fffd9064", "ffeb9064", "fffbf064", "fffb9c64"}) {
        auto frame = parse_mp3_frame(from_hex(bytes));
        ASSERT_FALSE(frame) << bytes;
        EXPECT_EQ(frame.error().fault, Fault::bad_input);
    }
}

TEST(Opus, HeadAndDOpsSayTheSame) {
    Bytes head = from_hex("4f70757348656164 01 02 3801 80bb0000 0000 00");
    Bytes dops = from_hex("00 02 0138 0000bb80 0000 00");
    auto config = parse_opus_head(head);
    ASSERT_TRUE(config) << config.error().what;
    EXPECT_EQ(config->pre_skip, 312u);
    EXPECT_EQ(config->input_rate, 48000u);
    EXPECT_THAT(write_dops(*config), ElementsAreArray(dops));
    EXPECT_THAT(write_opus_head(parse_dops(dops).value()), ElementsAreArray(head));
}

TEST(Opus, AChannelMappingSurvivesBothWays) {
    Bytes dops = from_hex("000601380000bb800000010402000401020305");
    Bytes head = write_opus_head(parse_dops(dops).value());
    EXPECT_THAT(write_dops(parse_opus_head(head).value()), ElementsAreArray(dops));
}

TEST(Opus, AHeadCutAnywhereIsRefused) {
    Bytes head = from_hex("4f70757348656164 01 06 3801 80bb0000 0000 01 0402000401020305");
    for (std::size_t length = 0; length < head.size(); ++length) {
        EXPECT_FALSE(parse_opus_head(ByteView(head).first(length))) << length;
    }
    EXPECT_TRUE(parse_opus_head(head));
    head[0] = 'o';
    EXPECT_FALSE(parse_opus_head(head));
}

TEST(Opus, APacketSaysItsDuration) {
    EXPECT_EQ(opus_packet_samples(from_hex("fc")), 960u);     // CELT 20 ms, one frame
    EXPECT_EQ(opus_packet_samples(from_hex("e0")), 120u);     // CELT 2.5 ms
    EXPECT_EQ(opus_packet_samples(from_hex("18")), 2880u);    // SILK 60 ms
    EXPECT_EQ(opus_packet_samples(from_hex("68")), 960u);     // hybrid 20 ms
    EXPECT_EQ(opus_packet_samples(from_hex("f9")), 1920u);    // two frames of CELT 20 ms
    EXPECT_EQ(opus_packet_samples(from_hex("fb03")), 2880u);  // three
    EXPECT_EQ(opus_packet_samples(from_hex("fb3f")), 0u) << "longer than 120 ms";
    EXPECT_EQ(opus_packet_samples({}), 0u);
}

}  // namespace
}  // namespace millrace::codec
