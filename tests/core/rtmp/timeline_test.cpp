// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/timeline.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

constexpr unsigned kVideo = 0;
constexpr unsigned kAudio = 1;

// Frames as they come: the publisher's time, and ours.
class TimelineTest : public testing::Test {
  protected:
    Timeline::Mapped map(unsigned track, Duration dts, Duration at, Duration composition = 0ms) {
        return timeline_.map(track, dts, dts + composition, TimePoint(at));
    }
    // 40 ms frames of both tracks, publisher's time from `from`, arriving from `at`, for a second.
    void play_second(Duration from, Duration at) {
        for (Duration t = 0ms; t < 1s; t += 40ms) {
            map(kVideo, from + t, at + t);
            map(kAudio, from + t + 10ms, at + t);
        }
    }

    Timeline timeline_;
};

TEST_F(TimelineTest, StartsAtZeroAndKeepsTheTracksApart) {
    EXPECT_EQ(map(kVideo, 100s, 0s).dts, 0ms);
    EXPECT_EQ(map(kAudio, 100s + 13ms, 0s).dts, 13ms);
    EXPECT_EQ(map(kVideo, 100s + 40ms, 40ms).dts, 40ms);
}

TEST_F(TimelineTest, ATrackThatStartsALittleEarlierIsALittleNegative) {
    map(kVideo, 100ms, 0s);
    EXPECT_EQ(map(kAudio, 80ms, 0s).dts, -20ms);
}

TEST_F(TimelineTest, KeepsCompositionTimesOfEitherSign) {
    EXPECT_EQ(map(kVideo, 0ms, 0ms, 80ms).pts, 80ms);
    EXPECT_EQ(map(kVideo, 40ms, 40ms, -40ms).pts, 0ms);
}

struct Jump {
    const char* name;
    Duration to;
};
class Jumps : public TimelineTest, public testing::WithParamInterface<Jump> {};

TEST_P(Jumps, AreBridgedWithBothTracksInStep) {
    play_second(1h, 0s);
    Duration to = GetParam().to;
    auto video = map(kVideo, to, 1s);
    EXPECT_EQ(video.dts, 1s);
    EXPECT_TRUE(video.discontinuity);
    auto late_audio = map(kAudio, 1h + 1s + 10ms, 1s);  // audio from before the jump, still under way
    EXPECT_EQ(late_audio.dts, 1s + 10ms);
    EXPECT_FALSE(late_audio.discontinuity);
    auto audio = map(kAudio, to + 50ms, 1s);
    EXPECT_EQ(audio.dts, 1s + 50ms);
    EXPECT_TRUE(audio.discontinuity);
    auto next = map(kVideo, to + 40ms, 1s + 40ms);
    EXPECT_EQ(next.dts, 1s + 40ms);
    EXPECT_FALSE(next.discontinuity);
}

INSTANTIATE_TEST_SUITE_P(Table, Jumps,
                         testing::Values(Jump{"to_zero", 0s}, Jump{"hours_back", -5h}, Jump{"hours_on", 9h},
                                         Jump{"ten_seconds_on", 1h + 11s}, Jump{"two_seconds_back", 1h - 1s}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(TimelineTest, AJumpAtTheLimitTakesBothTracksOrNone) {
    play_second(0s, 0s);
    map(kVideo, 960ms + 3041ms, 1s);               // a jump, just
    auto audio = map(kAudio, 970ms + 3039ms, 1s);  // not quite one by itself
    EXPECT_LT(audio.dts, 1100ms);
    EXPECT_TRUE(audio.discontinuity);
}

TEST_F(TimelineTest, ASilenceThatReallyPassedIsNoJump) {
    play_second(0s, 0s);
    auto video = map(kVideo, 11s, 11s);
    EXPECT_EQ(video.dts, 11s);
    EXPECT_FALSE(video.discontinuity);
}

TEST_F(TimelineTest, APublisherThatStartsAgainAfterASilenceGoesOnAfterIt) {
    play_second(1h, 0s);
    auto video = map(kVideo, 0s, 960ms + 8s);
    EXPECT_EQ(video.dts, 960ms + 8s);
    EXPECT_TRUE(video.discontinuity);
}

TEST_F(TimelineTest, ABurstAfterAStallKeepsItsTimes) {
    play_second(0s, 0s);
    for (Duration t = 1s; t < 10s; t += 40ms) {
        auto video = map(kVideo, t, 10s);
        EXPECT_EQ(video.dts, t);
        EXPECT_FALSE(video.discontinuity);
    }
}

TEST_F(TimelineTest, ALittleBackwardsStandsStill) {
    map(kVideo, 0ms, 0ms);
    map(kVideo, 100ms, 100ms);
    auto back = map(kVideo, 60ms, 110ms);
    EXPECT_EQ(back.dts, 100ms + 1ns);
    EXPECT_FALSE(back.discontinuity);
    EXPECT_EQ(map(kVideo, 140ms, 140ms).dts, 140ms);
}

TEST_F(TimelineTest, ATrackOfAnotherEpochIsPutBesideTheFirst) {
    map(kVideo, 0ms, 0ms);
    map(kVideo, 1s, 1s);
    EXPECT_EQ(map(kAudio, 10h, 1s).dts, 1s);
    EXPECT_EQ(map(kAudio, 10h + 20ms, 1s).dts, 1s + 20ms);
}

TEST_F(TimelineTest, NeverRunsBackwardsWhateverComes) {
    std::uint64_t random = 1;
    Duration last[2] = {-1h, -1h};
    for (int i = 0; i < 20'000; ++i) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        unsigned track = random >> 63;
        Duration dts = std::chrono::milliseconds(random >> 33) - 500h;
        auto mapped = map(track, dts, std::chrono::milliseconds(i * 10));
        EXPECT_GT(mapped.dts, last[track]);
        EXPECT_LT(mapped.dts - last[track], 1h + 500s) << "bounded by what passed";
        last[track] = mapped.dts;
    }
}

TEST(TimestampUnwrapper, GoesOnAfterThirtyTwoBits) {
    TimestampUnwrapper unwrapper;
    EXPECT_EQ(unwrapper.unwrap(0xfffffff0), 0xfffffff0);
    EXPECT_EQ(unwrapper.unwrap(0x10), 0x100000010);
    EXPECT_EQ(unwrapper.unwrap(0xfffffff8), 0xfffffff8) << "the other track, still before it";
    EXPECT_EQ(unwrapper.unwrap(0x20), 0x100000020);
}

TEST(TimestampUnwrapper, ReportsJumpsAsTheyAre) {
    TimestampUnwrapper unwrapper;
    EXPECT_EQ(unwrapper.unwrap(3'600'000), 3'600'000);
    EXPECT_EQ(unwrapper.unwrap(0), 0);
    EXPECT_EQ(unwrapper.unwrap(7'200'000), 7'200'000);
}

}  // namespace
}  // namespace millrace::rtmp
