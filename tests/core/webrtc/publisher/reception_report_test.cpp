// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/reception_report.hpp"

#include <gtest/gtest.h>

#include "webrtc/core/publisher/arrival_log.hpp"

namespace millrace::webrtc {
namespace {

constexpr TimePoint kBegin{100s};

TEST(ReceptionReport, CountsFromTheFirstPacketOverTheWrap) {
    ReceptionReport report(90000);
    for (int i = 0; i < 100; ++i)
        if (i % 4 != 1) report.on_packet(static_cast<std::uint16_t>(0xfff0 + i), 0, kBegin);
    const ReportBlock block = report.take(9, kBegin);
    EXPECT_EQ(block.ssrc, 9U);
    EXPECT_EQ(block.highest_sequence, 0xfff0U + 99);
    EXPECT_EQ(block.cumulative_lost, 25);
    EXPECT_EQ(block.fraction_lost, 64);
    EXPECT_EQ(block.last_report, 0U);
    EXPECT_EQ(report.take(9, kBegin).fraction_lost, 0);  // nothing since
    report.on_packet(0xfff1, 0, kBegin);
    EXPECT_EQ(report.take(9, kBegin).cumulative_lost, 24);
}

TEST(ReceptionReport, MeasuresJitterAsTheRfcDoes) {
    ReceptionReport even(90000);
    ReceptionReport uneven(48000);
    for (std::uint32_t i = 0; i < 200; ++i) {
        even.on_packet(static_cast<std::uint16_t>(i), i * 1800, kBegin + i * 20ms);
        // The wrap of the clock is none of the way's.
        uneven.on_packet(static_cast<std::uint16_t>(i), i * 960 - 50000, kBegin + i * 20ms + (i % 2) * 4ms);
    }
    EXPECT_EQ(even.jitter(), 0ms);
    EXPECT_NEAR(std::chrono::duration<double>(uneven.jitter()).count(), 0.004, 0.0002);
    EXPECT_NEAR(uneven.take(1, kBegin).jitter, 192, 10);
}

TEST(ReceptionReport, StartsAgainWhereTwoInARowAreFarAway) {
    ReceptionReport report(90000);
    report.on_packet(10, 0, kBegin);
    report.on_packet(30000, 0, kBegin);
    report.on_packet(11, 0, kBegin);
    EXPECT_EQ(report.take(1, kBegin).highest_sequence, 11U);
    report.on_packet(30010, 0, kBegin);
    report.on_packet(30011, 0, kBegin);
    EXPECT_EQ(report.take(1, kBegin).highest_sequence, 30011U);
    EXPECT_EQ(report.lost(), 0);
}

TEST(ReceptionReport, OfNothingIsEmpty) {
    ReceptionReport report(90000);
    EXPECT_EQ(report.take(1, kBegin).highest_sequence, 0U);
    EXPECT_EQ(report.lost(), 0);
    EXPECT_EQ(report.jitter(), 0ms);
}

TEST(ArrivalLog, TellsAgainWhatWasToldAsLost) {
    ArrivalLog log;
    EXPECT_FALSE(log.take());
    EXPECT_EQ(log.deadline(), kNever);
    log.on_packet(0xffff, kBegin);
    log.on_packet(1, kBegin + 1ms);
    EXPECT_EQ(log.deadline(), kBegin + 50ms);
    auto first = log.take();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->base_sequence, 0xffff);
    EXPECT_EQ(first->packets, 3);
    EXPECT_EQ(first->arrivals.size(), 2U);
    EXPECT_FALSE(log.take());
    log.on_packet(0, kBegin + 60ms);
    log.on_packet(2, kBegin + 61ms);
    auto second = log.take();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->base_sequence, 0);
    ASSERT_EQ(second->arrivals.size(), 3U);
    EXPECT_EQ(second->arrivals[0].at, (kBegin + 60ms).time_since_epoch());
    EXPECT_EQ(second->count, 1);
}

TEST(ArrivalLog, IsAsLargeAsItIsAndTellsInPieces) {
    ArrivalLog log;
    for (unsigned i = 0; i < 1000; ++i) log.on_packet(static_cast<std::uint16_t>(i), kBegin + i * 10us);
    std::size_t told = 0;
    while (auto feedback = log.take()) {
        EXPECT_LE(feedback->packets, ArrivalLog::kMostAtOnce);
        EXPECT_EQ(feedback->base_sequence, told);
        told += feedback->arrivals.size();
    }
    EXPECT_EQ(told, 1000U);
    // Jumps of every length, forward and back.
    std::uint16_t sequence = 0;
    for (unsigned i = 0; i < 3000; ++i) {
        sequence = static_cast<std::uint16_t>(sequence * 31 + i * 977);
        log.on_packet(sequence, kBegin + i * 1ms);
        int pieces = 0;
        while (i % 7 == 0 && log.take()) ASSERT_LT(++pieces, 20);
    }
}

TEST(ArrivalLog, BeginsAnotherWhereTheTimeBetweenDoesNotFit) {
    ArrivalLog log;
    log.on_packet(1, kBegin);
    log.on_packet(2, kBegin + 9s);
    auto first = log.take();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->arrivals.size(), 1U);
    auto second = log.take();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->base_sequence, 2);
    EXPECT_EQ(second->arrivals.size(), 1U);
    EXPECT_FALSE(log.take());
}

}  // namespace
}  // namespace millrace::webrtc
