// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/silence.hpp"

#include <gtest/gtest.h>

namespace millrace::hls {
namespace {

using codec::Kind;

class SilenceTest : public testing::Test {
  protected:
    SilenceTest() {
        for (Kind kind : {Kind::video, Kind::video, Kind::audio}) silence.add_track(kind, at(0ms));
    }
    static TimePoint at(Duration time) { return TimePoint(time); }
    void arrive(std::size_t track, Duration from, Duration until) {
        for (Duration time = from; time < until; time += 40ms) silence.arrived(track, at(time));
    }

    Silence silence;
};

TEST_F(SilenceTest, AVideoIsMissingForAsLongAsOthersKeepComing) {
    arrive(1, 0ms, 1s);
    arrive(0, 1s, 3s);
    EXPECT_GE(silence.missing(1), 1900ms);
    EXPECT_EQ(silence.missing(0), 0ms);
    silence.arrived(1, at(3s));
    EXPECT_EQ(silence.missing(1), 0ms);
}

TEST_F(SilenceTest, WhenNothingComesNothingIsMissing) {
    silence.arrived(0, at(1s));
    silence.arrived(1, at(1s));
    silence.arrived(0, at(9s));  // a stall is over, and the other one's burst comes next
    EXPECT_LE(silence.missing(1), 200ms);
}

TEST_F(SilenceTest, SoundSaysNothingOfPictures) {
    arrive(2, 0ms, 5s);
    EXPECT_EQ(silence.missing(0), 0ms);
    arrive(0, 5s, 9s);
    EXPECT_EQ(silence.missing(2), 0ms);
}

}  // namespace
}  // namespace millrace::hls
