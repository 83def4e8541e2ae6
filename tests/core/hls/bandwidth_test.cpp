// SPDX-License-Identifier: LGPL-2.1-or-later
// What BANDWIDTH and AVERAGE-BANDWIDTH say, from the first playlist on (MV-2, AUTH 1.28, 1.29).
#include "hls/core/bandwidth.hpp"

#include <gtest/gtest.h>

namespace millrace::hls {
namespace {

void add(BandwidthMeter& meter, int segments, std::size_t bytes) {
    for (int i = 0; i < segments; ++i) meter.add_segment(bytes, 2s);
}

constexpr int kHalfAMinute = 15;  // segments

TEST(BandwidthMeter, PeakIsOverRunsOfAboutATargetDuration) {
    BandwidthMeter meter(2s, 0);
    add(meter, kHalfAMinute, 250'000);
    EXPECT_EQ(meter.rate(), (BitRate{1'000'000, 1'000'000}));
    meter.add_segment(500'000, 2s);
    EXPECT_EQ(meter.rate().peak, 2'000'000u);
    meter.add_segment(100'000, 100ms);  // 8 Mbit/s, too short to count alone
    EXPECT_EQ(meter.rate().peak, 2'286'000u);
    add(meter, 100, 0);  // gaps say nothing
    EXPECT_EQ(meter.rate().peak, 2'286'000u);
}

TEST(BandwidthMeter, WhatTheEncoderWasToldIsTrueUntilMoreIsMeasured) {
    BandwidthMeter meter(2s, 2'500'000);
    EXPECT_EQ(meter.rate().average, 2'500'000u);
    add(meter, kHalfAMinute, 625'000);
    EXPECT_EQ(meter.rate(), (BitRate{2'500'000, 2'500'000}));
    meter.add_segment(1'000'000, 2s);
    EXPECT_EQ(meter.rate().peak, 4'000'000u);
    EXPECT_GT(meter.rate().average, 2'500'000u);
}

TEST(BandwidthMeter, AQuietPictureLowersTheAverageByAndByAndNeverThePeak) {
    BandwidthMeter meter(2s, 2'500'000);
    meter.add_segment(62'500, 2s);
    EXPECT_GT(meter.rate().average, 2'400'000u);
    add(meter, 1800, 62'500);
    EXPECT_LT(meter.rate().average, 300'000u);
    EXPECT_GE(meter.rate().average, 250'000u);
    EXPECT_EQ(meter.rate().peak, 2'500'000u);
}

TEST(BandwidthMeter, TheFirstPlaylistsHaveRoomForWhatIsNotKnownYet) {
    BandwidthMeter told(2s, 2'000'000);
    EXPECT_EQ(told.rate().peak, 2'500'000u);
    BandwidthMeter untold(2s, 0);
    untold.add_segment(250'000, 2s);
    EXPECT_GT(untold.rate().peak, 1'200'000u);
}

TEST(BandwidthMeter, ASegmentThatIsNotWholeIsBetterThanNothing) {
    BandwidthMeter meter(2s, 0);
    EXPECT_EQ(meter.rate(50'000, 400ms).average, 1'000'000u);
    meter.add_segment(500'000, 2s);
    EXPECT_EQ(meter.rate(50'000, 400ms).average, 2'000'000u);
}

// Whatever an encoder with such a buffer sends, at whatever time a player asks: what it is told stays true enough.
TEST(BandwidthMeter, AnEncoderThatKeepsToItsBufferNeverBreaksWhatAPlayerWasTold) {
    constexpr double kRate = 2e6;       // bit/s
    for (double buffer : {0.5, 1.0}) {  // s of the rate
        const auto fullest = static_cast<std::size_t>(kRate * (2 + buffer) / 8);
        const auto quiet = static_cast<std::size_t>(kRate * (2 - buffer) / 8);
        for (int told_after : {0, 1, 3, kHalfAMinute, 200}) {
            BandwidthMeter meter(2s, static_cast<std::uint64_t>(kRate));
            for (int i = 0; i < told_after; ++i) meter.add_segment(i % 2 == 0 ? quiet : fullest, 2s);
            const BitRate told = meter.rate();
            EXPECT_LE(static_cast<double>(fullest) * 8 / 2, 1.25 * static_cast<double>(told.peak)) << told_after;
            EXPECT_LE(kRate, 1.1 * static_cast<double>(told.average)) << told_after;
        }
    }
}

}  // namespace
}  // namespace millrace::hls
