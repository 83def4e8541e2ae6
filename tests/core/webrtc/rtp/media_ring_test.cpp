// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/media_ring.hpp"

#include <gtest/gtest.h>

#include "tests/core/webrtc/rtp/frames.hpp"

namespace millrace::webrtc {
namespace {

using State = MediaRing::Next::State;
using test::FrameSource;

TimePoint at(Duration time) {
    return TimePoint(time);
}

TEST(FrameSequence, NumbersPacketsAndFramesWithoutGaps) {
    FrameSource source(0xfffe);
    FramePtr first = source.frame(3, true, at(0s));
    FramePtr second = source.frame(2, false, at(40ms));
    EXPECT_EQ(first->first_sequence, 0xfffeU);
    EXPECT_EQ(first->index, 0U);
    EXPECT_EQ(second->first_sequence, 0x10001U);
    EXPECT_EQ(second->end_sequence(), 0x10003U);
    EXPECT_EQ(second->index, 1U);
}

TEST(MediaRing, ACursorReadsEveryPacketInOrder) {
    FrameSource source;
    MediaRing ring;
    EXPECT_EQ(ring.next(1000).state, State::caught_up);
    for (std::size_t i = 0; i < 20; ++i) ring.append(source.frame(1 + i % 5, i % 10 == 0, at(i * 40ms)));
    std::uint64_t cursor = ring.begin();
    EXPECT_EQ(cursor, 1000U);
    std::size_t markers = 0;
    for (auto next = ring.next(cursor); next.state == State::ready; next = ring.next(++cursor)) {
        EXPECT_EQ(next.slot.sequence(), cursor);
        EXPECT_EQ(next.slot.payload().size(), 100U);
        EXPECT_EQ(next.slot.payload()[0], next.slot.frame->index + 1);
        EXPECT_EQ(next.slot.starts_key_frame(), next.slot.packet == 0 && next.slot.frame->index % 10 == 0);
        EXPECT_FALSE(next.slot.padded());
        markers += next.slot.marker() ? 1 : 0;
    }
    EXPECT_EQ(cursor, ring.end());
    EXPECT_EQ(markers, 20U);
    EXPECT_EQ(ring.next(cursor).state, State::caught_up);
}

TEST(MediaRing, IsBoundedInPacketsAndInBytes) {
    FrameSource source;
    MediaRing few({.packets = 10, .bytes = 1 << 20});
    MediaRing small({.packets = 1000, .bytes = 1500});
    for (int i = 0; i < 50; ++i) {
        FramePtr frame = source.frame(3, false, at(i * 40ms));
        few.append(frame);
        small.append(frame);
        EXPECT_LE(few.packets(), 10U);
        EXPECT_LE(small.bytes(), 1500U);
    }
    EXPECT_EQ(few.packets(), 9U);
    EXPECT_EQ(small.bytes(), 1500U);
    EXPECT_EQ(few.bytes(), 900U);
    EXPECT_EQ(few.next(1000).state, State::fell_out);
    EXPECT_EQ(few.next(few.end() + 1).state, State::fell_out);
}

TEST(MediaRing, KeepsTheNewestFrameHoweverLarge) {
    FrameSource source;
    MediaRing ring({.packets = 10, .bytes = 1000});
    ring.append(source.frame(1, false, at(0s)));
    ring.append(source.frame(500, true, at(1s)));
    EXPECT_EQ(ring.packets(), 500U);
    ASSERT_TRUE(ring.newest_key_frame());
    EXPECT_EQ(ring.entry(at(1s), 2s), 1001U);
}

TEST(MediaRing, AViewerEntersAtTheNewestKeyFrameUnlessItIsOld) {
    FrameSource source;
    MediaRing ring({.packets = 12, .bytes = 1 << 20});
    EXPECT_EQ(ring.entry(at(0s), 2s), std::nullopt);
    ring.append(source.frame(4, true, at(0s)));
    ring.append(source.frame(4, false, at(1s)));
    EXPECT_EQ(ring.entry(at(1s), 2s), 1000U);
    EXPECT_EQ(ring.entry(at(3s), 2s), std::nullopt);
    ring.append(source.frame(4, true, at(3s)));
    EXPECT_EQ(ring.entry(at(3s), 2s), 1008U);
    // When it leaves the ring there is none to enter at.
    for (int i = 0; i < 3; ++i) ring.append(source.frame(4, false, at(4s)));
    EXPECT_EQ(ring.newest_key_frame(), nullptr);
    EXPECT_EQ(ring.entry(at(4s), 2s), std::nullopt);
}

TEST(MediaRing, FramesBeforeAGapAreForgotten) {
    FrameSource source;
    MediaRing ring;
    ring.append(source.frame(4, true, at(0s)));
    FramePtr lost = source.frame(4, false, at(1s));
    FramePtr after = source.frame(4, false, at(2s));
    ring.append(after);
    EXPECT_EQ(ring.begin(), after->first_sequence);
    EXPECT_EQ(ring.bytes(), 400U);
    EXPECT_EQ(ring.newest_key_frame(), nullptr);
    EXPECT_EQ(ring.next(1004).state, State::fell_out);
    ring.append(lost);  // too late
    ring.append(nullptr);
    EXPECT_EQ(ring.begin(), after->first_sequence);
}

TEST(MediaRing, RingsShareTheirFrames) {
    FrameSource source;
    FramePtr frame = source.frame(4, true, at(0s));
    MediaRing one;
    MediaRing other;
    one.append(frame);
    other.append(frame);
    EXPECT_EQ(one.find(1001)->payload().data(), other.find(1001)->payload().data());
}

TEST(MediaRing, KnowsItsRate) {
    FrameSource source;
    MediaRing ring;
    EXPECT_EQ(ring.bytes_per_second(), 0U);
    for (int i = 0; i <= 50; ++i) ring.append(source.frame(2, i == 0, at(i * 40ms)));
    EXPECT_EQ(ring.bytes_per_second(), 5000U);
}

TEST(UnwrapBefore, IsTheNewestNumberBeforeTheCursor) {
    EXPECT_EQ(unwrap_before(9, 10), 9U);
    EXPECT_EQ(unwrap_before(10, 10), std::nullopt);
    EXPECT_EQ(unwrap_before(0xffff, 0x10000), 0xffffU);
    EXPECT_EQ(unwrap_before(0, 0x10000), 0U);
    EXPECT_EQ(unwrap_before(5, 0x30005), 0x20005U);
    EXPECT_EQ(unwrap_before(5, 0x30006), 0x30005U);
    EXPECT_EQ(unwrap_before(0xffff, 0), std::nullopt);
}

}  // namespace
}  // namespace millrace::webrtc
