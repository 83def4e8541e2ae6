// SPDX-License-Identifier: LGPL-2.1-or-later
// The ordinary life of a presentation: how it starts, how it advances, how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hls/core/media_time.hpp"
#include "tests/core/hls/broadcast.hpp"

namespace millrace::hls {
namespace {

using test::Broadcast;
using test::ReadPlaylist;
using testing::HasSubstr;

TEST(Presentation, NothingIsServedBeforeTheFirstSegmentIsWhole) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(1900ms);
    const Reply reply = live.get("index.m3u8");
    EXPECT_EQ(reply.status, 404u);
    EXPECT_EQ(live.get("video_0/media.m3u8", "_HLS_msn=1").status, 404u);
}

TEST(Presentation, TheFirstPlaylistHasOneWholeSegment) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(2100ms);
    const ReadPlaylist video = live.playlist("video_0");
    EXPECT_EQ(video.target_duration, 2);
    ASSERT_EQ(video.segments.size(), 1u);
    EXPECT_EQ(video.segments[0].duration, 200000);
    EXPECT_EQ(live.playlist("audio_0").segments.size(), 1u);
}

TEST(Presentation, AMinuteOfVideoAndAudioIsLegalAtEveryInstant) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(60s);
    const ReadPlaylist video = live.playlist("video_0");
    EXPECT_EQ(video.segments.back().duration, 200000);
    EXPECT_EQ(video.segments.back().parts.size(), 10u);
    EXPECT_GE(video.segments.size(), 6u);
    EXPECT_LE(video.segments.size(), 7u);
    EXPECT_TRUE(live.notices.empty()) << live.notices.front();
}

TEST(Presentation, APartIsThereTheMomentItsLastFrameIs) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(10s);
    const std::uint64_t before = live.snapshot()->renditions[0].next_part;
    std::size_t frames = 0;
    live.sent = [&](const test::Source& source, const Frame&) {
        if (source.name != "video_0") return;
        ++frames;
        EXPECT_EQ(live.snapshot()->renditions[0].next_part, before + frames / 6);
    };
    live.run(12s);
    EXPECT_EQ(frames, 60u);
}

TEST(Presentation, RenditionsAdvanceWithinOnePartOfEachOther) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(4s);
    live.sent = [&](const test::Source&, const Frame&) {
        const auto snapshot = live.snapshot();
        const auto& video = snapshot->renditions[0];
        const auto& audio = snapshot->renditions[1];
        const auto end = [](const RenditionSnapshot& rendition) {
            const Segment& last = rendition.open->parts.empty() ? *rendition.segments.back() : *rendition.open;
            return duration_of(last.start + last.duration, last.timescale);
        };
        EXPECT_LE(std::chrono::abs(end(video) - end(audio)), 220ms);
    };
    live.run(20s);
}

TEST(Presentation, TheEndIsWrittenIntoEveryPlaylist) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(9s);
    live.end();
    for (const char* rendition : {"video_0", "audio_0"}) {
        const ReadPlaylist list = live.playlist(rendition);
        EXPECT_TRUE(list.ended);
        EXPECT_TRUE(list.hinted_part.empty());
        EXPECT_FALSE(list.open);
    }
}

TEST(Presentation, AStreamShorterThanASegmentIsServedWhenItEnds) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(1s);
    live.end();
    EXPECT_EQ(live.playlist().segments.size(), 1u);
    EXPECT_TRUE(live.playlist().ended);
}

TEST(Presentation, WhatWasInterruptedBeforeTheStartIsForgotten) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(1500ms);
    for (test::Source& source : live.sources) {
        source.shift = source.arrival_shift = 30s;  // the publisher was away for half a minute
    }
    live.run(45s);
    EXPECT_EQ(live.playlist().target_duration, 2);
    EXPECT_EQ(live.presentation.stats().discontinuities, 0u);
}

}  // namespace
}  // namespace millrace::hls
