// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/nack_responder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/webrtc/rtp/frames.hpp"

namespace millrace::webrtc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Nacks : public testing::Test {
  protected:
    // Ten seconds of 100 packets of 1000 bytes a second, from number 65000 on.
    Nacks() {
        test::FrameSource source(65000);
        for (int i = 0; i < 100; ++i) ring.append(source.frame(10, i % 20 == 0, TimePoint(i * 100ms), 1000));
        viewer = {.first = ring.begin(), .cursor = ring.end(), .round_trip = 50ms};
    }
    std::vector<std::uint64_t> answered(NackResponder& responder, std::vector<std::uint16_t> lost, TimePoint now) {
        std::vector<std::uint64_t> sequences;
        for (const Resend& resend : responder.answer(lost, ring, viewer, now)) {
            sequences.push_back(resend.slot.sequence());
        }
        return sequences;
    }

    MediaRing ring;
    NackResponder::Viewer viewer;
    const TimePoint now{10s};
};

TEST_F(Nacks, AreAnsweredFromTheRingAcrossTheWrap) {
    NackResponder responder(Retransmission::plain, 0);
    EXPECT_THAT(answered(responder, {65535, 0, 462}, now), ElementsAre(65535, 65536, 65998));
    EXPECT_EQ(responder.refused(), 0U);
}

TEST_F(Nacks, OfWhatWasNeverSentAreNot) {
    NackResponder responder(Retransmission::plain, 0);
    viewer.cursor = 65500;
    viewer.first = 65400;
    EXPECT_THAT(answered(responder, {65500, 65399, 65001}, now), IsEmpty());
    EXPECT_THAT(answered(responder, {65400, 65499}, now), ElementsAre(65400, 65499));
    EXPECT_EQ(responder.refused(), 3U);
}

TEST_F(Nacks, OfWhatTheRingHasNoMoreAreNot) {
    NackResponder responder(Retransmission::plain, 0);
    viewer.first = 0;
    EXPECT_THAT(answered(responder, {64999, 100}, now), ElementsAre(65636));
}

TEST_F(Nacks, AreAnsweredOnceARoundTrip) {
    NackResponder responder(Retransmission::plain, 0);
    EXPECT_THAT(answered(responder, {100, 100}, now), ElementsAre(65636));
    EXPECT_THAT(answered(responder, {100}, now + 49ms), IsEmpty());
    EXPECT_THAT(answered(responder, {100}, now + 50ms), ElementsAre(65636));
    viewer.round_trip = 0ms;
    EXPECT_THAT(answered(responder, {100}, now + 59ms), IsEmpty());
    EXPECT_THAT(answered(responder, {100}, now + 60ms), ElementsAre(65636));
}

TEST_F(Nacks, OfEverythingForEverCostTheShareAndNoMore) {
    NackResponder responder(Retransmission::plain, 0, {.share = 0.25, .remembered = 1000});
    std::vector<std::uint16_t> everything;
    for (std::uint64_t s = ring.begin(); s < ring.end(); ++s) everything.push_back(static_cast<std::uint16_t>(s));
    std::size_t bytes = 0;
    for (int i = 0; i < 1000; ++i) {
        for (const Resend& resend : responder.answer(everything, ring, viewer, now + i * 10ms)) {
            bytes += resend.slot.payload().size();
        }
    }
    // A quarter of 100 kB/s for ten seconds, and the 64 kB that may be saved up.
    EXPECT_LE(bytes, 250'000U + 64'000U);
    EXPECT_GE(bytes, 290'000U);
    EXPECT_GT(responder.refused(), 900'000U);
}

TEST_F(Nacks, AnswersInOneRoundTripAreBoundedInNumber) {
    NackResponder responder(Retransmission::plain, 0, {.least_saved = 10'000'000, .remembered = 5});
    EXPECT_EQ(answered(responder, {1, 2, 3, 4, 5, 6, 7, 8}, now).size(), 5U);
    EXPECT_EQ(answered(responder, {6, 7, 8}, now + 50ms).size(), 3U);
}

TEST_F(Nacks, GoAsRtxInAStreamOfItsOwn) {
    NackResponder responder(Retransmission::rtx, 0xffff);
    std::vector<std::uint16_t> lost = {7, 8};
    auto resends = responder.answer(lost, ring, viewer, now);
    ASSERT_EQ(resends.size(), 2U);
    EXPECT_EQ(resends[0].rtx_sequence, 0xffffU);
    EXPECT_EQ(resends[1].rtx_sequence, 0x10000U);
    EXPECT_EQ(resends[1].slot.sequence(), 65544U);
}

TEST_F(Nacks, AreNotAnsweredWhereNeitherWayIsOpen) {
    NackResponder responder(Retransmission::none, 0);
    EXPECT_THAT(answered(responder, {7}, now), IsEmpty());
}

TEST(ByteBudget, IsEarnedAndSaved) {
    ByteBudget budget;
    TimePoint start{1s};
    budget.refill(start, 1000, 500);
    EXPECT_TRUE(budget.spend(500));
    EXPECT_FALSE(budget.spend(1));
    // Calls more frequent than a byte is earned lose nothing.
    for (int i = 1; i <= 1000; ++i) budget.refill(start + i * 100us, 1000, 500);
    EXPECT_TRUE(budget.spend(100));
    EXPECT_FALSE(budget.spend(1));
    budget.refill(start + 1h, 1000, 500);
    EXPECT_FALSE(budget.spend(501));
    EXPECT_TRUE(budget.spend(500));
}

}  // namespace
}  // namespace millrace::webrtc
