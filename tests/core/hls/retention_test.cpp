// SPDX-License-Identifier: LGPL-2.1-or-later
// How long things are listed, how long they can be fetched, and what memory that takes (HT-16, MP-14, PART-10, SK-1 to
// SK-4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "hls/core/media_playlist.hpp"
#include "tests/core/hls/broadcast.hpp"
#include "tests/core/hls/playlist_rules.hpp"

namespace millrace::hls {
namespace {

using test::Broadcast;
using test::ReadPlaylist;
using test::ReadSegment;

TEST(Retention, APlaylistHasSixSegmentsAndItsWindow) {
    struct Row {
        Settings settings;
        std::size_t least, most;
    };
    for (const Row& row :
         {Row{{}, 6, 7}, Row{{.window = 4s}, 6, 7}, Row{{.window = 20s}, 10, 11}, Row{{.dvr_window = 60s}, 30, 31}}) {
        Broadcast live(row.settings, {test::video(), test::audio()});
        live.run(90s);
        EXPECT_GE(live.playlist().segments.size(), row.least);
        EXPECT_LE(live.playlist().segments.size(), row.most);
    }
}

// A player may still ask for what it read of just before it went: a segment for its own length and the playlist's
// after it left the list, a part for three target durations.
TEST(Retention, WhatLeftAPlaylistCanBeFetchedAsLongAsTheRulesSay) {
    Broadcast live = Broadcast::of_video_and_audio();
    std::map<std::string, Duration> last_seen;
    std::map<std::string, Duration> keep;
    std::set<std::string> gone;
    while (live.now < 70s) {
        live.run(live.now + 500ms);
        if (!live.snapshot()->published) continue;
        for (const char* rendition : {"video_0", "audio_0"}) {
            const ReadPlaylist list = live.playlist(rendition);
            for (const ReadSegment& segment : list.segments) {
                const std::string folder = std::string(rendition) + "/";
                last_seen[folder + segment.uri] = live.now;
                keep[folder + segment.uri] = 12s + 2s;
                last_seen[folder + segment.map] = live.now;
                keep[folder + segment.map] = 12s + 2s;
                for (const auto& part : segment.parts) {
                    last_seen[folder + part.uri] = live.now;
                    keep[folder + part.uri] = 6s;
                }
            }
        }
        for (const auto& [uri, seen] : last_seen) {
            const unsigned status = live.get(uri).status;
            if (live.now <= seen + keep[uri]) {
                ASSERT_EQ(status, 200u) << uri;
            }
            if (live.now > seen + 30s) {
                ASSERT_EQ(status, 404u) << uri;
                gone.insert(uri);
            }
        }
    }
    EXPECT_GT(gone.size(), 50u);
}

TEST(Retention, MemoryIsBoundedByTheWindow) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.unchecked = true;
    live.run(60s);
    const std::size_t at_first = live.presentation.stats().bytes_held;
    live.run(600s);
    EXPECT_LE(live.presentation.stats().bytes_held, at_first + at_first / 8);
}

TEST(Retention, PartsLeaveThePlaylistAWholeSegmentAtATime) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(31s);
    const ReadPlaylist list = live.playlist();
    std::int64_t end = test::duration_of(list.open->parts);
    for (auto segment = list.segments.rbegin(); segment != list.segments.rend(); ++segment) {
        EXPECT_EQ(segment->parts.size(), end <= 600000 ? 10u : 0u) << end;
        end += segment->duration;
    }
}

TEST(Retention, AShortWindowOffersNoDeltaUpdates) {  // SC-4
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(60s);
    EXPECT_EQ(live.playlist().can_skip_until, 0);
    EXPECT_EQ(test::read_media_playlist(live.text("video_0/media.m3u8", "_HLS_skip=YES")).skipped, 0u);
}

class Delta : public testing::Test {
  protected:
    Delta() : live({.dvr_window = 60s}, {test::video(), test::audio()}) {}
    Broadcast live;
};

TEST_F(Delta, AnUpdateAndTheFullPlaylistMakeTheSameList) {  // SK-1, SK-2, SK-4
    live.run(70s);
    const ReadPlaylist full = live.playlist();
    EXPECT_EQ(full.can_skip_until, 1200000);
    for (const char* value : {"YES", "v2"}) {  // SK-3
        const ReadPlaylist delta =
            test::read_media_playlist(live.text("video_0/media.m3u8", "_HLS_skip=" + std::string(value)));
        test::expect_legal(delta);
        ASSERT_GT(delta.skipped, 0u);
        EXPECT_EQ(delta.media_sequence, full.media_sequence);
        EXPECT_EQ(delta.discontinuity_sequence, full.discontinuity_sequence);
        ASSERT_EQ(delta.skipped + delta.segments.size(), full.segments.size());
        for (std::size_t i = 0; i < delta.segments.size(); ++i)
            EXPECT_EQ(delta.segments[i], full.segments[delta.skipped + i]);
        EXPECT_EQ(delta.open, full.open);
        // Nothing nearer than the skip boundary is left out.
        std::int64_t kept = 0;
        for (const ReadSegment& segment : delta.segments) kept += segment.duration;
        EXPECT_GE(kept, full.can_skip_until);
    }
    EXPECT_EQ(test::read_media_playlist(live.text("video_0/media.m3u8", "_HLS_skip=NO")).skipped, 0u);
}

TEST_F(Delta, IsTheSameWhetherWrittenAtOnceOrInPieces) {
    while (live.now < 30s) {
        live.run(live.now + 40ms);
        const auto snapshot = live.snapshot();
        for (const auto& rendition : snapshot->renditions) {
            if (rendition.delta.plain.empty()) continue;
            ASSERT_EQ(rendition.delta.plain.text(), media_playlist(*snapshot, rendition, Form::delta));
        }
    }
}

TEST_F(Delta, IsAFullPlaylistWhenNothingCanBeSkipped) {
    live.run(9s);
    EXPECT_EQ(live.text("video_0/media.m3u8", "_HLS_skip=YES"), live.text("video_0/media.m3u8"));
}

TEST_F(Delta, IsAFullPlaylistAfterTheEnd) {
    live.run(70s);
    live.end();
    EXPECT_EQ(live.text("video_0/media.m3u8", "_HLS_skip=YES"), live.text("video_0/media.m3u8"));
}

TEST(Numbers, NeverComeBackWhenTheProcessDoes) {  // TS-5
    const auto last_numbers = [](std::int64_t wall_start, Duration length) {
        Presentation presentation({}, UnixTime{wall_start});
        presentation.add_track(codec::Kind::video, {"video_0"});
        EXPECT_TRUE(presentation.set_format(0, test::h264({30, 1})));
        const Bytes payload(100, 1);
        for (int i = 0; test::Broadcast::time_of(test::video(), static_cast<std::size_t>(i)) < length; ++i) {
            const Duration at = test::Broadcast::time_of(test::video(), static_cast<std::size_t>(i));
            Frame frame{.dts = at, .pts = at, .key = i % 30 == 0, .payload = payload};
            EXPECT_TRUE(presentation.push(0, frame, TimePoint(at), UnixTime{wall_start} + at));
        }
        return presentation.snapshot()->renditions[0];
    };
    const RenditionSnapshot before = last_numbers(Broadcast::kWallStart, 60s);
    const RenditionSnapshot after = last_numbers(Broadcast::kWallStart + 61'000'000'000, 10s);
    EXPECT_GT(after.segments.front()->msn, before.open->msn);
    EXPECT_GT(after.segments.front()->parts[0]->number, before.next_part);
    EXPECT_GT(after.inits.front()->number, before.inits.back()->number);
    EXPECT_GE(after.segments.front()->discontinuity_sequence, before.segments.back()->discontinuity_sequence);
}

}  // namespace
}  // namespace millrace::hls
