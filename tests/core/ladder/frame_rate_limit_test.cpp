// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/core/frame_rate_limit.hpp"

#include <gtest/gtest.h>

namespace millrace::ladder {
namespace {

// How many of `count` pictures at `rate` a second stay; each `key`-th is a key frame.
int kept(std::uint32_t most, double rate, int count, bool says_duration = true, int key = 1'000'000) {
    FrameRateLimit limit(most);
    int kept = 0;
    for (int i = 0; i < count; ++i) {
        const Duration pts(static_cast<std::int64_t>(i * 1e9 / rate));
        const Duration frame(says_duration ? static_cast<std::int64_t>(1e9 / rate) : 0);
        if (limit.keeps(pts, frame, i % key == 0)) ++kept;
    }
    return kept;
}

TEST(FrameRateLimit, HalvesWhatIsTwiceAsFast) {
    EXPECT_EQ(kept(30, 60, 600), 300);
    EXPECT_EQ(kept(30, 60, 600, false), 300);
    EXPECT_EQ(kept(30, 59.94, 600), 300);
    EXPECT_EQ(kept(25, 50, 500), 250);
    EXPECT_EQ(kept(30, 120, 600), 150);
}

TEST(FrameRateLimit, TakesEverySecondOfWhatIsNotQuiteTwiceAsFast) {
    EXPECT_EQ(kept(30, 50, 500), 250);
}

TEST(FrameRateLimit, LeavesSlowerInputsAlone) {
    EXPECT_EQ(kept(30, 30, 300), 300);
    EXPECT_EQ(kept(30, 29.97, 300), 300);
    EXPECT_EQ(kept(60, 25, 300), 300);
    EXPECT_EQ(kept(0, 240, 300), 300);
}

TEST(FrameRateLimit, KeyFramesStay) {
    EXPECT_EQ(kept(30, 60, 60, true, 15), 32) << "0, 2 … 14, 15, 17 … 29, 30 …: an odd one begins its own count";
}

TEST(FrameRateLimit, TheRateThatIsLeftIsKnownBefore) {
    EXPECT_EQ(FrameRateLimit::divisor(60, 30), 2u);
    EXPECT_EQ(FrameRateLimit::divisor(59.94, 30), 2u);
    EXPECT_EQ(FrameRateLimit::divisor(50, 30), 2u);
    EXPECT_EQ(FrameRateLimit::divisor(30, 30), 1u);
    EXPECT_EQ(FrameRateLimit::divisor(120, 30), 4u);
    EXPECT_EQ(FrameRateLimit::divisor(60, 0), 1u);
}

}  // namespace
}  // namespace millrace::ladder
