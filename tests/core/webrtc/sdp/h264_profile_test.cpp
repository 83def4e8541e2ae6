// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/h264_profile.hpp"

#include <gtest/gtest.h>

#include <string>

namespace millrace::webrtc {
namespace {

using enum H264Profile;

struct Row {
    const char* text;
    H264Profile profile;
    unsigned level;
};
class ProfileLevelId : public testing::TestWithParam<Row> {};

TEST_P(ProfileLevelId, SaysItsProfileByItsConstraints) {
    EXPECT_EQ(parse_profile_level_id(GetParam().text), (H264ProfileLevel{GetParam().profile, GetParam().level}));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ProfileLevelId,
    testing::Values(Row{"42001f", baseline, 31}, Row{"42e01f", constrained_baseline, 31},
                    Row{"42E01F", constrained_baseline, 31}, Row{"42c01e", constrained_baseline, 30},
                    Row{"4d801f", constrained_baseline, 31}, Row{"4d001f", main, 31}, Row{"4d4028", main, 40},
                    Row{"58001f", extended, 31}, Row{"640c1f", constrained_high, 31}, Row{"64001f", high, 31},
                    Row{"640033", high, 51}, Row{"f4001f", high_444, 31}, Row{"42f00b", constrained_baseline, 0},
                    Row{"42e00b", constrained_baseline, 11}));

TEST(ProfileLevelIdText, IsSixDigits) {
    for (const char* text : {"", "42e01", "42e01f0", "42e01g", "0x42e0", "-2e01f", "00001f"})
        EXPECT_FALSE(parse_profile_level_id(text)) << text;
}

TEST(H264Profile, ADecoderDecodesWhatItsProfileIncludes) {
    for (H264Profile decoder : {baseline, main, extended, constrained_high, progressive_high, high, high_10, high_444})
        EXPECT_TRUE(decodes(decoder, constrained_baseline));
    EXPECT_TRUE(decodes(high, main));
    EXPECT_TRUE(decodes(high, constrained_high));
    EXPECT_TRUE(decodes(extended, baseline));
    EXPECT_FALSE(decodes(constrained_baseline, baseline));
    EXPECT_FALSE(decodes(main, baseline)) << "with its arbitrary slices";
    EXPECT_FALSE(decodes(high, baseline));
    EXPECT_FALSE(decodes(main, high));
    EXPECT_FALSE(decodes(constrained_baseline, main));
    EXPECT_FALSE(decodes(constrained_high, main)) << "it may be interlaced";
}

TEST(H264Level, Is1bBetween1And11) {
    auto level = [](unsigned level) { return H264ProfileLevel{main, level}; };
    EXPECT_TRUE(level_suffices(level(11), level(0)));
    EXPECT_TRUE(level_suffices(level(0), level(10)));
    EXPECT_FALSE(level_suffices(level(10), level(0)));
    EXPECT_TRUE(level_suffices(level(31), level(31)));
    EXPECT_FALSE(level_suffices(level(31), level(40)));
}

}  // namespace
}  // namespace millrace::webrtc
