// SPDX-License-Identifier: LGPL-2.1-or-later
// What configurations of real encoders say, whichever codec: size, rate, CODECS string; and what is refused.
#include "common/codec/codec_table.hpp"
#include "common/codec/av1.hpp"

#include <gtest/gtest.h>

#include "tests/core/codec/samples.hpp"

namespace millrace::codec {
namespace {

using test::audio_samples;
using test::AudioSample;
using test::from_hex;
using test::video_samples;
using test::VideoSample;

constexpr auto kName = [](const auto& info) { return std::string(info.param.name); };

class VideoConfig : public testing::TestWithParam<VideoSample> {};
INSTANTIATE_TEST_SUITE_P(Encoders, VideoConfig, testing::ValuesIn(video_samples()), kName);

TEST_P(VideoConfig, SaysSizeRateAndDepth) {
    auto known = describe(GetParam().format());
    ASSERT_TRUE(known) << known.error().what;
    EXPECT_EQ(known->width, GetParam().width);
    EXPECT_EQ(known->height, GetParam().height);
    EXPECT_EQ(known->frame_rate, GetParam().frame_rate);
    EXPECT_EQ(known->bit_depth, GetParam().bit_depth);
    EXPECT_EQ(known->interlaced, GetParam().interlaced);
}

TEST_P(VideoConfig, HasTheCodecsStringThatOtherToolsWrite) {
    EXPECT_EQ(codecs_string(GetParam().format()).value_or("none"), GetParam().codecs);
}

class AudioConfig : public testing::TestWithParam<AudioSample> {};
INSTANTIATE_TEST_SUITE_P(Encoders, AudioConfig, testing::ValuesIn(audio_samples()), kName);

TEST_P(AudioConfig, CompletesRateChannelsAndFrameLength) {
    TrackFormat format = GetParam().format();
    auto completed = complete(format);
    ASSERT_TRUE(completed) << completed.error().what;
    EXPECT_EQ(format.sample_rate, GetParam().sample_rate);
    EXPECT_EQ(format.channels, GetParam().channels);
    EXPECT_EQ(format.samples_per_frame, GetParam().samples_per_frame);
}

TEST_P(AudioConfig, HasItsCodecsString) {
    EXPECT_EQ(codecs_string(GetParam().format()).value_or("none"), GetParam().codecs);
}

TEST(CodecTable, ARowStandsWhereItsCodecSays) {
    for (const CodecRow& row : codec_table()) EXPECT_EQ(&row_of(row.codec), &row) << row.name;
}

TEST(CodecTable, IsFoundByTheFourccsOfEnhancedRtmp) {
    EXPECT_EQ(find_fourcc("hvc1")->codec, Codec::h265);
    EXPECT_EQ(find_fourcc(".mp3")->codec, Codec::mp3);
    EXPECT_EQ(find_fourcc("Opus")->codec, Codec::opus);
    EXPECT_EQ(find_fourcc("fLaC"), nullptr);
}

TEST(Complete, TheConfigurationOverrulesWhatThePublisherSaid) {
    TrackFormat format = video_samples()[0].format();
    format.width = 1280;
    format.frame_rate = {30, 1};
    ASSERT_TRUE(complete(format));
    EXPECT_EQ(format.width, 1920u);
    EXPECT_EQ(format.frame_rate, (Rational{30000, 1001}));
}

TEST(Complete, WhatTheConfigurationDoesNotSayStays) {
    TrackFormat format{.codec = Codec::vp9, .config = from_hex("0014820202020000")};
    format.width = 320;
    format.height = 240;
    format.frame_rate = {25, 1};
    ASSERT_TRUE(complete(format));
    EXPECT_EQ(format.width, 320u);
    EXPECT_EQ(format.height, 240u);
    EXPECT_EQ(format.frame_rate, (Rational{25, 1}));
}

TEST(Complete, Mp3FramesAreShorterAtLowRates) {
    TrackFormat high{.codec = Codec::mp3, .sample_rate = 44100, .channels = 2};
    TrackFormat low{.codec = Codec::mp3, .sample_rate = 22050, .channels = 2};
    ASSERT_TRUE(complete(high));
    ASSERT_TRUE(complete(low));
    EXPECT_EQ(high.samples_per_frame, 1152u);
    EXPECT_EQ(low.samples_per_frame, 576u);
}

TEST(Describe, AnErrorNamesTheCodec) {
    auto failed = describe({.codec = Codec::h264});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().fault, Fault::bad_input);
    EXPECT_EQ(failed.error().what, "H.264 configuration: avcC is truncated");
}

TEST(Describe, PixelShapeAndColourComeFromTheVui) {
    auto known = describe(video_samples()[2].format());
    ASSERT_TRUE(known);
    EXPECT_EQ(known->pixel_aspect, (Rational{64, 45}));
    EXPECT_EQ(known->colour, (Colour{5, 5, 5, false}));
}

TEST(Describe, HdrColourOfH265IsFound) {
    auto known = describe(video_samples()[10].format());
    ASSERT_TRUE(known);
    EXPECT_EQ(known->colour, (Colour{9, 16, 9, false}));
}

TEST(Describe, ColourOfAv1IsFound) {
    auto known = describe(video_samples()[13].format());
    ASSERT_TRUE(known);
    EXPECT_EQ(known->colour, (Colour{1, 1, 1, false}));
}

TEST(Av1, AConfigurationIsMadeOfTheSequenceHeader) {
    int seen = 0;
    for (const auto& sample : video_samples()) {
        const TrackFormat format = sample.format();
        if (format.codec != Codec::av1) continue;
        const auto made = write_av1c(ByteView(format.config).subspan(4));
        ASSERT_TRUE(made) << made.error().what;
        EXPECT_EQ(*made, format.config);
        ++seen;
    }
    EXPECT_GE(seen, 1);
}

TEST(Av1, WithoutASequenceHeaderThereIsNoConfiguration) {
    EXPECT_FALSE(write_av1c({}));
    EXPECT_FALSE(write_av1c(Bytes{0x12, 0x00, 0x32, 0x01, 0x10}));
    EXPECT_FALSE(write_av1c(Bytes{0x0a, 0x01, 0x00}));
}

struct Reordering {
    const char* what;
    Codec codec;
    const char* config;
    std::uint32_t pictures;
};

// x264 and x265 with -bf 2, 3 and 0.
const Reordering kReorderings[] = {
    {"H.264 with B-frames", Codec::h264,
     "0164000dffe1001a6764000dacd941419f9f0110000003001000000303c0f142996001000468ef8fcbfdf8f800", 2},
    {"H.264 without", Codec::h264,
     "0164000dffe100186764000dacb40a0cfcf80880000003008000001e078a155001000468ef0fcbfdf8f800", 0},
    {"H.264 behind buffering parameters", Codec::h264,
     "01640014ffe1002467640014acd941419f9f0110000003001000000303c604000f424001e84a4c30078a14cb01000468ef8fcbfdf8f800",
     2},
    {"H.264 baseline", Codec::h264, "0142c00dffe100176742c00dda05067e7c0440000003004000000f03c50aa801000468ce0fc8", 0},
    {"H.265 with B-frames", Codec::h265,
     "0101600000009000000000003cf000fcfdf8f800000f03200001001840010c01ffff01600000030090000003000003003c95940921000100"
     "2b42010101600000030090000003000003003ca00a080c1f3e595952930bc05a020000030002000003003c1022000100064401c073c189",
     2},
    {"H.265 without", Codec::h265,
     "0101600000009000000000003cf000fcfdf8f800000f03200001001840010c01ffff01600000030090000003000003003cba024021000100"
     "2942010101600000030090000003000003003ca00a080c1f3e5ba4a4c2f0168080000003008000000f0422000100064401c073c189",
     0},
};

TEST(Describe, SaysHowManyPicturesAreReordered) {
    for (const Reordering& sample : kReorderings) {
        SCOPED_TRACE(sample.what);
        const auto description = describe({.codec = sample.codec, .config = from_hex(sample.config)});
        ASSERT_TRUE(description) << description.error().what;
        EXPECT_EQ(description->reordered, sample.pictures);
    }
}

// Some encoders end the SPS before its restrictions: a stream is not refused for it.
TEST(Describe, ReorderingIsUnknownWhereTheParameterSetEndsEarly) {
    const auto description =
        describe({.codec = Codec::h264,
                  .config = from_hex("0164000dffe100176764000dacd941419f9f0110000003001000000303c0f101000468ef8fcb")});
    ASSERT_TRUE(description) << description.error().what;
    EXPECT_EQ(description->reordered, std::nullopt);
}

TEST(Describe, AnAv1ConfigurationWithoutSequenceHeaderSaysOnlyItsDepth) {
    auto known = describe({.codec = Codec::av1, .config = from_hex("81054c00")});
    ASSERT_TRUE(known);
    EXPECT_EQ(known->bit_depth, 10u);
    EXPECT_EQ(known->width, 0u);
}

TEST(Describe, ChannelsOfAnAacProgramConfigAreCounted) {
    auto known = describe({.codec = Codec::aac, .config = from_hex("118004c8050001088000")});
    ASSERT_TRUE(known) << known.error().what;
    EXPECT_EQ(known->channels, 6u);
}

struct Refused {
    std::string_view why;
    Codec codec;
    std::string_view config;
};

TEST(Describe, UnusableConfigurationsAreRefused) {
    const Refused kRefused[] = {
        {"avcC of version 2", Codec::h264,
         "0242c01effe100196742c01ed900a02ff970110000030001000003003c0f162e4801000568cb83cb20"},
        {"three-byte NAL unit lengths", Codec::h264,
         "0142c01efee100196742c01ed900a02ff970110000030001000003003c0f162e4801000568cb83cb20"},
        {"no SPS", Codec::h264, "0142c01effe001000568cb83cb20"},
        {"no PPS", Codec::h264, "0142c01effe100196742c01ed900a02ff970110000030001000003003c0f162e4800"},
        {"an SPS that is a PPS", Codec::h264, "0142c01effe1000568cb83cb2001000568cb83cb20"},
        {"av1C without its marker", Codec::av1, "01050c000a0b0000002d4cffb3c02f8004"},
        {"VP9 of profile 9", Codec::vp9, "0914820202020000"},
        {"VP9 of 9 bits", Codec::vp9, "0014920202020000"},
        {"AAC at a reserved rate", Codec::aac, "1690"},
        {"AAC at no rate", Codec::aac, "1780000010"},
        {"AAC without channels", Codec::aac, "1180000000000000"},
        {"CELP", Codec::aac, "4190"},
        {"dOps of version 1", Codec::opus, "010201380000bb80000000"},
        {"Opus without channels", Codec::opus, "000001380000bb80000000"},
        {"three Opus channels without a mapping", Codec::opus, "000301380000bb80000000"},
        {"a configuration of MP3", Codec::mp3, "1210"},
    };
    for (const Refused& refused : kRefused) {
        auto known = describe({.codec = refused.codec, .config = from_hex(refused.config)});
        ASSERT_FALSE(known) << refused.why;
        EXPECT_EQ(known.error().fault, Fault::bad_input) << refused.why;
        EXPECT_FALSE(known.error().what.empty()) << refused.why;
    }
}

}  // namespace
}  // namespace millrace::codec
