// SPDX-License-Identifier: LGPL-2.1-or-later
// Publishers that leave, return, freeze, change or lie about the time (TS-1 to TS-8, MP-10 to MP-16).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/hls/broadcast.hpp"
#include "tests/core/hls/chunk_reader.hpp"
#include "tests/core/hls/playlist_rules.hpp"

namespace millrace::hls {
namespace {

using test::audio;
using test::Broadcast;
using test::ReadPlaylist;
using test::ReadSegment;
using test::Source;
using test::video;
using testing::HasSubstr;

// Both sources leave at `live.now` and are back at `until` with a new encoding, from a key frame on.
void come_back_at(Broadcast& live, Duration until, Duration stream_time) {
    for (Source& source : live.sources) {
        source.arrival_shift = until - Broadcast::time_of(source, source.next);
        source.shift = stream_time - Broadcast::time_of(source, source.next);
        source.first_key = source.next;
        source.discontinuity = true;
        source.stopped = false;
    }
}
void leave(Broadcast& live) {
    for (Source& source : live.sources) source.stopped = true;
}

// Both leave, which is told, and are back at `until` in the time that has passed.
void be_away_until(Broadcast& live, Duration until) {
    leave(live);
    live.presentation.interrupt(TimePoint(live.now));
    live.run(until);
    come_back_at(live, until, until);
}

std::vector<std::uint64_t> discontinuities_in(const ReadPlaylist& list) {
    std::vector<std::uint64_t> found;
    for (const ReadSegment& segment : list.segments) {
        if (segment.discontinuity) found.push_back(segment.msn);
    }
    return found;
}

void expect_same_discontinuities(const Broadcast& live) {  // MP-12
    const ReadPlaylist video = live.playlist("video_0");
    const ReadPlaylist audio = live.playlist("audio_0");
    EXPECT_EQ(discontinuities_in(video), discontinuities_in(audio));
    EXPECT_EQ(video.discontinuity_sequence, audio.discontinuity_sequence);
}

TEST(Interruptions, APublisherThatReturnsIsADiscontinuityInAllRenditions) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(9100ms);
    be_away_until(live, 12s);
    live.run(20s);
    EXPECT_EQ(discontinuities_in(live.playlist()).size(), 1u);
    EXPECT_EQ(live.presentation.stats().discontinuities, 1u);
    expect_same_discontinuities(live);
}

// An encoder that begins slowly sends what it owes at once, before the sound of the same time is there.
TEST(Interruptions, ABurstOfVideoAtTheReturnMakesNoSecondInterruptionOfItsSound) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(9100ms);
    be_away_until(live, 12s);
    live.sources[1].delay += 1200ms;
    live.run(20s);
    EXPECT_EQ(discontinuities_in(live.playlist()).size(), 1u);
    EXPECT_EQ(live.presentation.stats().discontinuities, 1u);
    expect_same_discontinuities(live);
}

// MP-15, MP-16: a reader sees the playlist advance by a part every part target, and gaps add up to the time away.
TEST(Interruptions, WhileThePublisherIsAwayThePlaylistAdvancesWithGaps) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(9100ms);
    leave(live);
    live.presentation.interrupt(TimePoint(live.now));
    for (Duration at = 9400ms; at < 30s; at += 220ms) {
        const std::uint64_t before = live.snapshot()->renditions[0].next_part;
        live.run(at);
        EXPECT_GT(live.snapshot()->renditions[0].next_part, before) << at.count();
    }
    const ReadPlaylist list = live.playlist();
    ASSERT_GE(list.segments.size(), 6u);
    EXPECT_TRUE(list.segments.back().gap);
    EXPECT_TRUE(list.segments.back().parts.back().gap);
    const std::int64_t end = list.segments.back().date + list.segments.back().duration / 100 +
                             (list.open ? test::duration_of(list.open->parts) / 100 : 0);
    EXPECT_NEAR(static_cast<double>(end), Broadcast::kWallStart / 1e6 + static_cast<double>(live.now.count()) / 1e6,
                300);
    EXPECT_EQ(live.get("video_0/" + list.segments.back().uri).status, 404u);
    EXPECT_EQ(live.get("video_0/" + list.segments.back().parts[0].uri).status, 404u);
}

TEST(Interruptions, SilenceIsFilledAfterOneAndAHalfTargetDurations) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(10s);
    leave(live);
    live.run(12900ms);
    EXPECT_EQ(live.presentation.stats().gaps, 0u);
    live.run(13300ms);
    EXPECT_GT(live.presentation.stats().gaps, 10u);
    live.run(20s);
    come_back_at(live, 20s, 20s);
    live.run(30s);
    EXPECT_EQ(live.presentation.stats().discontinuities, 1u);
    expect_same_discontinuities(live);
}

// PART-7: the source freezes for two seconds, no longer than patience, and goes on.
TEST(Interruptions, AFreezeIsFilledWithGapsAndNothingIsLost) {
    for (Duration freeze : {300ms, 700ms, 2000ms, 2900ms}) {
        Broadcast live = Broadcast::of_video_and_audio();
        live.run(10500ms);
        for (Source& source : live.sources) source.shift = source.arrival_shift = freeze;
        live.run(22s);
        EXPECT_GT(live.presentation.stats().gaps, 0u);
        EXPECT_EQ(live.presentation.stats().discontinuities, 0u);
        EXPECT_TRUE(live.notices.empty());
        const ReadPlaylist list = live.playlist();
        const std::int64_t end =
            list.segments.back().date + list.segments.back().duration / 100 + test::duration_of(list.open->parts) / 100;
        const double now = Broadcast::kWallStart / 1e6 + 22'000;
        EXPECT_NEAR(static_cast<double>(end), now, 240);
    }
}

// A network that stalls and then delivers everything: nothing was absent, so nothing is a gap.
TEST(Interruptions, ABurstAfterAStallIsNotAGap) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(10s);
    for (Source& source : live.sources) {
        source.delay = 2s;
    }
    live.run(11900ms);
    for (Source& source : live.sources) source.delay = 0s;
    live.run(20s);
    EXPECT_EQ(live.presentation.stats().gaps, 0u);
    EXPECT_EQ(live.presentation.stats().discontinuities, 0u);
}

TEST(Interruptions, TimestampsThatBeginAnewDoNotBreakTheTimeline) {
    for (Duration jump : {-Duration(9s), -Duration(1s), Duration(8h), -Duration(5h)}) {
        Broadcast live = Broadcast::of_video_and_audio();
        live.run(10s);
        for (Source& source : live.sources) source.shift = jump;
        live.run(25s);
        EXPECT_EQ(live.presentation.stats().discontinuities, 1u);
        expect_same_discontinuities(live);
        for (const auto& rendition : live.snapshot()->renditions) {
            std::int64_t end = 0;
            for (const auto& chunk : test::read_chunks(rendition)) {
                EXPECT_GE(chunk.decode_time, end);
                end = chunk.decode_time + chunk.duration();
            }
        }
    }
}

TEST(Interruptions, FramesThatGoBackALittleAreSqueezedIn) {
    Source picture = video();
    picture.jitter = [](std::size_t n) { return n % 50 == 20 ? -Duration(120ms) : Duration(0); };
    Broadcast live({}, {picture, audio()});
    live.run(30s);
    EXPECT_EQ(live.presentation.stats().discontinuities, 0u);
}

TEST(Interruptions, ANewConfigurationGetsANewMapAndADiscontinuity) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(9s);
    const std::string before = live.playlist().segments.back().map;
    ASSERT_TRUE(live.presentation.set_format(0, test::h264({30, 1}, 1920, 1080)));
    live.run(20s);
    const ReadPlaylist list = live.playlist();
    ASSERT_EQ(discontinuities_in(list).size(), 1u);
    EXPECT_NE(list.segments.back().map, before);
    EXPECT_EQ(live.playlist("audio_0").segments.back().map, live.playlist("audio_0").segments.front().map);
    expect_same_discontinuities(live);
    EXPECT_THAT(live.text("index.m3u8"), HasSubstr("RESOLUTION=1920x1080"));
}

TEST(Interruptions, ANewMapIsHintedAtBeforeItsFirstPart) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(9100ms);
    leave(live);
    live.presentation.interrupt(TimePoint(live.now));
    ASSERT_TRUE(live.presentation.set_format(0, test::h264({30, 1}, 1920, 1080)));
    live.run(10s);
    const std::string hinted = live.playlist().hinted_map;
    ASSERT_FALSE(hinted.empty());
    EXPECT_EQ(live.get("video_0/" + hinted).status, 200u);
    EXPECT_TRUE(live.playlist("audio_0").hinted_map.empty());
    come_back_at(live, 10s, 10s);
    live.run(16s);
    EXPECT_EQ(live.playlist().segments.back().map, hinted);
}

TEST(Interruptions, TheSameConfigurationKeepsItsMap) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(9100ms);
    const std::string before = live.playlist().segments.back().map;
    leave(live);
    live.presentation.interrupt(TimePoint(live.now));
    ASSERT_TRUE(live.presentation.set_format(0, test::h264({30, 1})));
    live.run(10s);
    come_back_at(live, 10s, 10s);
    live.run(16s);
    EXPECT_EQ(live.playlist().segments.back().map, before);
}

TEST(Interruptions, AnAudioConfigurationThatChangesWaitsForTheNextKeyFrame) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(9400ms);
    ASSERT_TRUE(live.presentation.set_format(1, test::aac(44100)));
    live.sources[1].rate = {44100, 1024};
    live.sources[1].next = static_cast<std::size_t>(9.4 * 44100 / 1024) + 1;
    live.run(20s);
    EXPECT_EQ(live.presentation.stats().discontinuities, 1u);
    expect_same_discontinuities(live);
    const auto& rendition = live.snapshot()->renditions[1];
    EXPECT_EQ(rendition.segments.back()->timescale, 44100u);
    EXPECT_TRUE(live.playlist().segments.back().parts[0].independent);
}

// RR-4, CM-17: audio that stops does not hold the video back, nor do the playlists part.
TEST(Interruptions, AudioThatFallsSilentGetsGaps) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(10s);
    live.sources[1].stopped = true;
    live.run(30s);
    const ReadPlaylist sound = live.playlist("audio_0");
    const ReadPlaylist picture = live.playlist("video_0");
    EXPECT_EQ(sound.segments.back().msn, picture.segments.back().msn);
    EXPECT_TRUE(sound.segments.back().gap);
    EXPECT_FALSE(picture.segments.back().gap);
    live.sources[1].stopped = false;
    while (Broadcast::time_of(live.sources[1], live.sources[1].next) < 30s) ++live.sources[1].next;
    live.run(40s);
    EXPECT_FALSE(live.playlist("audio_0").segments.back().gap);
    EXPECT_EQ(live.presentation.stats().discontinuities, 0u);
}

TEST(Interruptions, AudioGoesOnWhenTheVideoFallsSilent) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(10s);
    live.sources[0].stopped = true;
    live.run(30s);
    EXPECT_TRUE(live.playlist("video_0").segments.back().gap);
    EXPECT_FALSE(live.playlist("audio_0").segments.back().gap);
    live.sources[0].stopped = false;
    while (Broadcast::time_of(live.sources[0], live.sources[0].next) < 30s) ++live.sources[0].next;
    live.run(40s);
    EXPECT_FALSE(live.playlist("video_0").segments.back().gap);
    EXPECT_EQ(live.presentation.stats().discontinuities, 1u);
    expect_same_discontinuities(live);
}

TEST(Interruptions, APublisherMayReturnWithAudioAlone) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(10s);
    be_away_until(live, 12s);
    live.sources[0].stopped = true;
    live.run(30s);
    EXPECT_FALSE(live.playlist("audio_0").segments.back().gap);
    EXPECT_TRUE(live.playlist("video_0").segments.back().gap);
    live.end();
}

TEST(Interruptions, TheHintedPartIsTheNextPartWhateverHappens) {  // HINT-2, TS-7
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(9150ms);
    const std::string hinted = live.playlist().hinted_part;
    be_away_until(live, 9200ms);
    live.run(12s);
    EXPECT_EQ(live.get("video_0/" + hinted).status, 200u);
}

}  // namespace
}  // namespace millrace::hls
