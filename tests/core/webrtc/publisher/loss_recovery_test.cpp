// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/loss_recovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "webrtc/core/publisher/key_frame_demand.hpp"

namespace millrace::webrtc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Arrival = LossRecovery::Arrival;

constexpr TimePoint kBegin{5s};

TEST(LossRecovery, LetsNeighboursSwap) {
    LossRecovery losses;
    for (std::uint16_t sequence : {65534, 0, 65535, 2, 1}) {
        EXPECT_EQ(losses.on_packet(sequence, kBegin), Arrival::fresh);
        EXPECT_THAT(losses.due(kBegin), IsEmpty());
    }
    EXPECT_EQ(losses.on_packet(65535, kBegin), Arrival::duplicate);
    EXPECT_EQ(losses.missing(), 0U);
    EXPECT_EQ(losses.deadline(), kNever);
}

TEST(LossRecovery, AsksAfterTheSecondPacketBehindAGap) {
    LossRecovery losses;
    losses.on_packet(65533, kBegin);
    losses.on_packet(1, kBegin);
    EXPECT_THAT(losses.due(kBegin), IsEmpty());
    losses.on_packet(2, kBegin);
    EXPECT_THAT(losses.due(kBegin), ElementsAre(65534, 65535, 0));
    EXPECT_THAT(losses.due(kBegin), IsEmpty());
}

TEST(LossRecovery, AsksAfterFiveMillisecondsWhereNothingFollows) {
    LossRecovery losses;
    losses.on_packet(1, kBegin);
    losses.on_packet(3, kBegin);
    EXPECT_EQ(losses.deadline(), kBegin + 5ms);
    EXPECT_THAT(losses.due(kBegin + 4ms), IsEmpty());
    EXPECT_THAT(losses.due(kBegin + 5ms), ElementsAre(2));
}

TEST(LossRecovery, RepeatsByTheRoundTripUntilItGivesUp) {
    LossRecovery losses({.ask = true, .give_up_after = 250ms, .most_requests = 10});
    losses.on_packet(1, kBegin);
    losses.on_packet(3, kBegin);
    ASSERT_THAT(losses.due(kBegin + 5ms), ElementsAre(2));
    EXPECT_EQ(losses.on_retransmission(2, kBegin + 45ms), Arrival::fresh);
    EXPECT_EQ(losses.round_trip(), 40ms);
    EXPECT_EQ(losses.on_retransmission(2, kBegin + 46ms), Arrival::duplicate);

    const TimePoint again = kBegin + 1s;
    losses.on_packet(5, again);
    int asked = 0;
    while (losses.deadline() != kNever) {
        const TimePoint at = losses.deadline();
        ASSERT_LE(at, again + 250ms);
        if (losses.due(at).empty()) continue;
        EXPECT_EQ(at, again + 5ms + asked++ * 40ms);
    }
    EXPECT_EQ(asked, 7);
    EXPECT_EQ(losses.given_up(), 1U);
    EXPECT_TRUE(losses.take_given_up());
    EXPECT_FALSE(losses.take_given_up());
}

TEST(LossRecovery, AsksOnlySoOften) {
    LossRecovery losses({.ask = true, .give_up_after = 10s, .most_requests = 3});
    losses.on_packet(1, kBegin);
    losses.on_packet(3, kBegin);
    int asked = 0;
    while (losses.deadline() != kNever) asked += losses.due(losses.deadline()).empty() ? 0 : 1;
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(losses.given_up(), 1U);
}

TEST(LossRecovery, GivesUpAtOnceWhereItMayNotAsk) {
    LossRecovery losses({.ask = false});
    losses.on_packet(1, kBegin);
    losses.on_packet(3, kBegin);
    EXPECT_THAT(losses.due(kBegin), IsEmpty());
    EXPECT_FALSE(losses.take_given_up());
    EXPECT_THAT(losses.due(kBegin + 5ms), IsEmpty());
    EXPECT_TRUE(losses.take_given_up());
    EXPECT_EQ(losses.deadline(), kNever);
}

TEST(LossRecovery, StartsAgainBehindAJump) {
    LossRecovery losses;
    losses.on_packet(1, kBegin);
    losses.on_packet(3, kBegin);
    losses.on_packet(20000, kBegin);
    EXPECT_TRUE(losses.take_given_up());
    EXPECT_EQ(losses.missing(), 0U);
    EXPECT_EQ(losses.on_packet(20001, kBegin), Arrival::fresh);
    EXPECT_EQ(losses.on_packet(19999, kBegin), Arrival::duplicate);  // too late for anybody
}

TEST(LossRecovery, IsBoundedWhateverIsMissing) {
    LossRecovery losses({.ask = true, .give_up_after = 1h, .most_requests = 1000});
    std::uint16_t sequence = 0;
    for (int i = 0; i < 100'000; ++i, sequence = static_cast<std::uint16_t>(sequence + i % 5)) {
        losses.on_packet(sequence, kBegin + i * 1ms);
        ASSERT_LE(losses.missing(), LossRecovery::kMostMissing);
        ASSERT_LE(losses.due(kBegin + i * 1ms).size(), LossRecovery::kMostAtOnce);
    }
}

TEST(KeyFrameDemand, KeepsAnIntervalBetweenRequests) {
    KeyFrameDemand demand;
    EXPECT_EQ(demand.deadline(), kNever);
    EXPECT_FALSE(demand.poll(kBegin));
    demand.want(kBegin);
    EXPECT_TRUE(demand.poll(kBegin));
    demand.key_frame_arrived();
    demand.want(kBegin + 50ms);
    EXPECT_FALSE(demand.poll(kBegin + 199ms));
    EXPECT_TRUE(demand.poll(kBegin + 200ms));
    EXPECT_TRUE(demand.is_repeated());
    EXPECT_EQ(demand.deadline(), kBegin + 700ms);
    EXPECT_TRUE(demand.poll(kBegin + 700ms));
    demand.key_frame_arrived();
    EXPECT_EQ(demand.deadline(), kNever);
    EXPECT_EQ(demand.requests(), 3U);
}

}  // namespace
}  // namespace millrace::webrtc
