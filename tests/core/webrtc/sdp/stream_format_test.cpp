// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/stream_format.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex_bytes.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::from_hex;

// As x264 writes them: constrained baseline, high, and 4:4:4.
constexpr const char* kBaseline = "0142c028ffe100176742c028da01e0089f97011000003e90000ea600f1832a01000468ce0fc8";
constexpr const char* kHigh =
    "01640028ffe1001a67640028acd94078044fde0220000003002000000643e2c5b2c001000668fba3cb22c0fdf8f800";
constexpr const char* kFullColour =
    "01f4000dffe1001c67f4000d919b2884d80b50606064000003000400000300f23c50a65801000668ebec448440";

Result<StreamFormat> format_of(codec::Codec codec, Bytes config = {}, std::uint32_t channels = 0) {
    codec::TrackFormat track;
    track.codec = codec;
    track.config = std::move(config);
    track.channels = channels;
    return stream_format_of(track);
}

TEST(StreamFormat, OfH264IsItsProfileAndLevel) {
    auto baseline = format_of(codec::Codec::h264, from_hex(kBaseline));
    ASSERT_TRUE(baseline) << baseline.error().what;
    EXPECT_EQ(baseline->codec, Codec::h264);
    EXPECT_EQ(baseline->profile, 0x42);
    EXPECT_EQ(baseline->constraints, 0xc0);
    EXPECT_EQ(baseline->level, 0x28);
    EXPECT_EQ(format_of(codec::Codec::h264, from_hex(kHigh))->profile, 0x64);
}

TEST(StreamFormat, OfAv1IsInItsConfiguration) {
    auto main = format_of(codec::Codec::av1, {0x81, 0x08, 0x8c, 0});
    ASSERT_TRUE(main) << main.error().what;
    EXPECT_EQ(main->codec, Codec::av1);
    EXPECT_EQ(main->level, 8);
    EXPECT_TRUE(main->high_tier);
    EXPECT_FALSE(format_of(codec::Codec::av1, {0x81, 0x08, 0x0c, 0})->high_tier);
}

TEST(StreamFormat, OfOpusHasItsChannels) {
    EXPECT_EQ(format_of(codec::Codec::opus, {}, 1)->channels, 1U);
    EXPECT_EQ(format_of(codec::Codec::opus, {}, 2)->codec, Codec::opus);
    EXPECT_EQ(format_of(codec::Codec::vp9)->codec, Codec::vp9);
}

struct Undecodable {
    const char* name;
    codec::Codec codec;
    Bytes config;
    const char* instead;
};
class WhatBrowsersDoNotDecode : public testing::TestWithParam<Undecodable> {};

TEST_P(WhatBrowsersDoNotDecode, IsRefusedWithWhatToEncodeInstead) {
    auto format = format_of(GetParam().codec, GetParam().config);
    ASSERT_FALSE(format);
    EXPECT_EQ(format.error().fault, Fault::refused);
    EXPECT_NE(format.error().what.find(GetParam().instead), std::string::npos) << format.error().what;
}

INSTANTIATE_TEST_SUITE_P(Table, WhatBrowsersDoNotDecode,
                         testing::Values(Undecodable{"FullColour", codec::Codec::h264, from_hex(kFullColour), "4:2:0"},
                                         Undecodable{"Av1High", codec::Codec::av1, {0x81, 0x28, 0, 0}, "main"},
                                         Undecodable{"Aac", codec::Codec::aac, {}, "Opus"},
                                         Undecodable{"Mp3", codec::Codec::mp3, {}, "Opus"}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(StreamFormat, AConfigurationThatIsCutShortIsBadInput) {
    for (auto codec : {codec::Codec::h264, codec::Codec::h265, codec::Codec::av1}) {
        auto format = format_of(codec, {1});
        ASSERT_FALSE(format);
        EXPECT_EQ(format.error().fault, Fault::bad_input);
    }
}

TEST(StreamFormat, OfSeveralIsTheMostDemandings) {
    const StreamFormat low{.codec = Codec::h264, .profile = 0x42, .constraints = 0xc0, .level = 30};
    const StreamFormat high{.codec = Codec::h264, .profile = 0x64, .constraints = 0x00, .level = 31};
    const StreamFormat tall{.codec = Codec::h264, .profile = 0x4d, .constraints = 0x00, .level = 42};
    for (const auto& order :
         {std::vector{low, high, tall}, std::vector{tall, high, low}, std::vector{high, low, tall}}) {
        const StreamFormat most = most_demanding(order);
        EXPECT_EQ(most.profile, 0x64);
        EXPECT_EQ(most.level, 42);
    }
    EXPECT_EQ(most_demanding(std::vector{low}).profile, 0x42);
    const StreamFormat tier{.codec = Codec::h265, .profile = 1, .level = 93, .high_tier = true};
    const StreamFormat ten{.codec = Codec::h265, .profile = 2, .level = 120};
    EXPECT_EQ(most_demanding(std::vector{tier, ten}).profile, 2);
    EXPECT_TRUE(most_demanding(std::vector{tier, ten}).high_tier);
    EXPECT_EQ(most_demanding(std::vector{ten, tier}).level, 120);
}

TEST(StreamFormat, OfVp9EachProfileIsAnEncodingOfItsOwn) {
    EXPECT_FALSE(same_encoding({.codec = Codec::vp9}, {.codec = Codec::vp9, .profile = 2}));
    EXPECT_TRUE(same_encoding({.codec = Codec::h264, .profile = 66}, {.codec = Codec::h264, .profile = 100}));
    EXPECT_FALSE(same_encoding({.codec = Codec::h264}, {.codec = Codec::vp8}));
}

}  // namespace
}  // namespace millrace::webrtc
