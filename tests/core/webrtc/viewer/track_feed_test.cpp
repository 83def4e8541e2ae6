// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/track_feed.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

constexpr TimePoint kNow{100s};

// Two packets of each access unit; nothing of an empty one; one that begins with 0xff makes no sense.
class InTwo : public Packetizer {
  public:
    Result<Payloads> packetize(ByteView unit) override {
        Payloads media;
        if (unit.empty()) return media;
        if (unit[0] == 0xff) return fail(Fault::bad_input, "no access unit");
        media.key_frame = unit[0] == 1;
        media.bytes.assign(unit.begin(), unit.end());
        media.packets = {{.offset = 0, .size = 1}, {.offset = 1, .size = 1, .marker = true}};
        return media;
    }
};

class TrackFeedTest : public testing::Test {
  protected:
    Result<FramePtr> push(Duration pts, Bytes unit = {1, 2}, bool discontinuity = false) {
        unit_ = std::move(unit);
        return feed_.push({.dts = pts, .pts = pts, .discontinuity = discontinuity, .payload = unit_}, kNow);
    }
    void begin() { feed_.begin(std::make_unique<InTwo>()); }

    Bytes unit_;
    TrackFeed feed_{65'535, {90'000, 1000}};
};

TEST_F(TrackFeedTest, NumbersAndTimesGoOnWhateverTheEncoding) {
    begin();
    const FramePtr first = *push(0s);
    const FramePtr second = *push(1s, {0, 2});
    begin();
    const FramePtr third = *push(2s);
    EXPECT_EQ(first->first_sequence, 65'535U);
    EXPECT_EQ(second->first_sequence, 65'537U) << "unwrapped";
    EXPECT_EQ(third->first_sequence, 65'539U);
    EXPECT_EQ(first->index + 1, second->index);
    EXPECT_EQ(second->index + 1, third->index);
    EXPECT_EQ(first->timestamp, 1000U);
    EXPECT_EQ(third->timestamp, 1000U + 2 * 90'000U);
    EXPECT_EQ(first->arrival, kNow);
    EXPECT_TRUE(first->key_frame());
    EXPECT_FALSE(second->key_frame());
}

TEST_F(TrackFeedTest, BeforeItsFormatAFrameIsOurMistake) {
    EXPECT_EQ(push(0s).error().fault, Fault::bug);
}

TEST_F(TrackFeedTest, WhatIsNotWorthSendingTakesNoNumber) {
    begin();
    EXPECT_EQ(*push(0s, {}), nullptr);
    EXPECT_EQ(push(1s, {0xff}).error().fault, Fault::bad_input);
    EXPECT_EQ((*push(2s))->first_sequence, 65'535U);
}

TEST_F(TrackFeedTest, PicturesOutOfOrderAreRefusedFromThenOn) {
    begin();
    EXPECT_TRUE(push(0ms));
    EXPECT_TRUE(push(80ms));
    auto refused = push(40ms);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::refused);
    EXPECT_NE(refused.error().what.find("B-frames"), std::string::npos) << refused.error().what;
    EXPECT_EQ(push(120ms).error().fault, Fault::refused);
    begin();
    EXPECT_TRUE(push(20ms)) << "another encoding, another order";
}

TEST_F(TrackFeedTest, ANewBeginningIsNotReordering) {
    begin();
    EXPECT_TRUE(push(10s));
    EXPECT_TRUE(push(9s)) << "by more than pictures are reordered";
    EXPECT_TRUE(push(8960ms, {1, 2}, true)) << "an interruption";
    EXPECT_TRUE(push(8960ms)) << "the same time twice";
    EXPECT_FALSE(push(8950ms));
}

}  // namespace
}  // namespace millrace::webrtc
