// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/key_frame_requests.hpp"

#include <gtest/gtest.h>

#include "tests/core/webrtc/rtp/frames.hpp"

namespace millrace::webrtc {
namespace {

const TimePoint kStart{10s};

TEST(KeyFrameRequests, OfAllViewersBecomeOneASecond) {
    KeyFrameRequests requests;
    std::size_t asked = 0;
    for (int i = 0; i < 1000; ++i) {
        TimePoint now = kStart + i * 5ms;
        if (requests.want(now)) ++asked;
        if (requests.poll(now)) ++asked;
    }
    EXPECT_EQ(asked, 5U);
}

TEST(KeyFrameRequests, AreRepeatedAsLongAsNoneComes) {
    KeyFrameRequests requests;
    EXPECT_EQ(requests.deadline(), kNever);
    EXPECT_TRUE(requests.want(kStart));
    EXPECT_EQ(requests.deadline(), kStart + 1s);
    EXPECT_FALSE(requests.poll(kStart + 999ms));
    EXPECT_TRUE(requests.poll(kStart + 1s));
    EXPECT_EQ(requests.deadline(), kStart + 2s);
}

TEST(KeyFrameRequests, AreClearedByAnyKeyFrame) {
    KeyFrameRequests requests;
    EXPECT_TRUE(requests.want(kStart));
    requests.key_frame_arrived();
    EXPECT_EQ(requests.deadline(), kNever);
    EXPECT_FALSE(requests.poll(kStart + 5s));
    EXPECT_TRUE(requests.want(kStart + 5s));
}

TEST(KeyFrameRequests, SoonAfterTheLastWaitTheirTurn) {
    KeyFrameRequests requests;
    EXPECT_TRUE(requests.want(kStart));
    requests.key_frame_arrived();
    EXPECT_FALSE(requests.want(kStart + 200ms));
    EXPECT_EQ(requests.deadline(), kStart + 1s);
    EXPECT_TRUE(requests.poll(kStart + 1s));
}

TEST(KeyFrameWish, IsServedByAKeyFrameThatTheViewerIsStillToGet) {
    test::FrameSource source;
    MediaRing ring;
    EXPECT_FALSE(is_served_by(ring, {.cursor = 1000, .key_frame_sent = {}}, kStart));
    ring.append(source.frame(10, true, kStart));
    EXPECT_TRUE(is_served_by(ring, {.cursor = 1000, .key_frame_sent = {}}, kStart));
    EXPECT_TRUE(is_served_by(ring, {.cursor = 1009, .key_frame_sent = {}}, kStart));
    EXPECT_FALSE(is_served_by(ring, {.cursor = 1010, .key_frame_sent = {}}, kStart));
}

TEST(KeyFrameWish, IsServedByAKeyFrameThatCrossedItOnTheWay) {
    test::FrameSource source;
    MediaRing ring;
    ring.append(source.frame(10, true, kStart));
    KeyFrameWish wish{.cursor = 1010, .key_frame_sent = kStart, .round_trip = 50ms};
    EXPECT_TRUE(is_served_by(ring, wish, kStart + 149ms));
    EXPECT_FALSE(is_served_by(ring, wish, kStart + 150ms));
}

}  // namespace
}  // namespace millrace::webrtc
