// SPDX-License-Identifier: LGPL-2.1-or-later
// Where segments begin, whatever the key frames do (GOP-1 to GOP-5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hls/core/media_time.hpp"
#include "tests/core/hls/broadcast.hpp"
#include "tests/core/hls/chunk_reader.hpp"

namespace millrace::hls {
namespace {

using test::audio;
using test::Broadcast;
using test::ReadPlaylist;
using test::ReadSegment;
using test::Source;
using test::video;
using testing::HasSubstr;

std::string multivariant(const Broadcast& live) {
    return live.text("index.m3u8");
}

TEST(Segments, BeginAtTheFirstKeyFrameAfterTheirDuration) {
    Broadcast live({}, {video({30, 1}, 24), audio()});  // 0.8 s
    live.run(20s);
    const ReadPlaylist list = live.playlist();
    EXPECT_EQ(list.target_duration, 2);
    for (const ReadSegment& segment : list.segments) EXPECT_EQ(segment.duration, 240000);
    EXPECT_THAT(multivariant(live), HasSubstr("#EXT-X-INDEPENDENT-SEGMENTS"));
    EXPECT_TRUE(live.notices.empty());
}

TEST(Segments, TheTargetDurationIsThatOfTheFirstSegmentWhenItIsLonger) {
    Broadcast live({}, {video({30, 1}, 90), audio()});
    live.run(20s);
    EXPECT_EQ(live.playlist().target_duration, 3);
    EXPECT_EQ(live.playlist("audio_0").target_duration, 3);
    EXPECT_TRUE(live.notices.empty());
}

TEST(Segments, KeyFramesEveryTenSecondsAreWaitedFor) {
    Broadcast live({}, {video({30, 1}, 300), audio()});
    live.run(45s);
    EXPECT_EQ(live.playlist().target_duration, 10);
    for (const ReadSegment& segment : live.playlist().segments) EXPECT_EQ(segment.duration, 1000000);
    EXPECT_THAT(multivariant(live), HasSubstr("#EXT-X-INDEPENDENT-SEGMENTS"));
}

TEST(Segments, AreCutWithoutAKeyFrameRatherThanBreakTheTargetDuration) {
    Broadcast live({}, {video({30, 1}, 1000), audio()});
    live.run(60s);
    EXPECT_EQ(live.playlist().target_duration, 10);
    EXPECT_THAT(multivariant(live), Not(HasSubstr("INDEPENDENT-SEGMENTS")));
    ASSERT_EQ(live.notices.size(), 1u);
    EXPECT_THAT(live.notices[0], HasSubstr("key-frame interval to 2.0 s"));
}

TEST(Segments, AKeyFrameIntervalThatGrowsLaterIsToldOnce) {
    Source picture = video({30, 1}, 60);
    Broadcast live({}, {picture, audio()});
    live.run(10s);
    live.sources[0].first_key = live.sources[0].next;
    live.sources[0].gop = 300;
    live.run(60s);
    EXPECT_EQ(live.playlist().target_duration, 2);
    ASSERT_EQ(live.notices.size(), 1u);
    EXPECT_THAT(live.notices[0], HasSubstr("2 s at most"));
    EXPECT_THAT(multivariant(live), Not(HasSubstr("INDEPENDENT-SEGMENTS")));
}

// GOP-5, PART-3, PART-8.
TEST(Segments, AKeyFrameInsideOneStaysInsideItsPart) {
    Broadcast live({.segment_duration = 4s}, {video({30, 1}, 40), audio()});
    live.run(24s);
    const ReadPlaylist list = live.playlist();
    for (std::size_t i = list.segments.size() - 2; i < list.segments.size(); ++i) {
        std::vector<std::size_t> independent;
        for (std::size_t p = 0; p < list.segments[i].parts.size(); ++p) {
            if (list.segments[i].parts[p].independent) independent.push_back(p);
        }
        EXPECT_THAT(independent, testing::ElementsAre(0, 6, 13));  // key frames 0, 40 and 80 of six-frame parts
    }
}

TEST(Segments, IndependentIsSaidOfPartsWithAKeyFrameAndOfNoOther) {
    Broadcast live = Broadcast::of_video_and_audio();
    live.run(20s);
    for (const auto& rendition : live.snapshot()->renditions) {
        for (const auto& segment : rendition.segments) {
            for (const auto& part : segment->parts) {
                const auto samples = test::read_chunk(*part).samples;
                const bool sync =
                    std::any_of(samples.begin(), samples.end(), [](const auto& sample) { return sample.sync; });
                EXPECT_EQ(part->independent, sync);
            }
        }
    }
}

TEST(Segments, AStreamThatBeginsWithoutAKeyFrameBeginsAtItsFirst) {
    Source picture = video();
    picture.first_key = 17;
    Broadcast live({}, {picture, audio()});
    live.run(10s);
    ASSERT_EQ(live.notices.size(), 1u);
    EXPECT_THAT(live.notices[0], HasSubstr("does not start with a key frame"));
    EXPECT_TRUE(live.playlist().segments[0].parts.empty() || live.playlist().segments[0].parts[0].independent);
}

TEST(Segments, AudioAloneIsCutByTime) {
    Broadcast live({}, {audio()});
    live.run(20s);
    const ReadPlaylist list = live.playlist("audio_0");
    EXPECT_EQ(list.target_duration, 2);
    for (const ReadSegment& segment : list.segments) EXPECT_NEAR(segment.duration, 200000, 2200);
    EXPECT_THAT(multivariant(live), HasSubstr("CODECS=\"mp4a.40.2\"\naudio_0/media.m3u8"));
    EXPECT_THAT(multivariant(live), Not(HasSubstr("EXT-X-MEDIA:")));
}

TEST(Segments, VideoAloneHasNoAudioGroup) {
    Broadcast live({}, {video()});
    live.run(10s);
    EXPECT_THAT(multivariant(live), Not(HasSubstr("AUDIO")));
    EXPECT_THAT(multivariant(live), HasSubstr("RESOLUTION=1280x720,FRAME-RATE=30.000"));
    EXPECT_TRUE(live.playlist().reports.empty());
}

TEST(Segments, AudioThatRunsAheadOrBehindKeepsItsTime) {
    for (Duration delay : {-400ms, -50ms, 0ms, 50ms, 400ms, 900ms}) {
        Source tone = audio();
        Source picture = video();
        (delay < 0ms ? picture : tone).delay = std::chrono::abs(delay);
        Broadcast live({}, {picture, tone});
        live.run(30s);
        const auto snapshot = live.snapshot();
        EXPECT_EQ(live.presentation.stats().gaps, 0u) << delay.count();
        for (const auto& segment : snapshot->renditions[1].segments) {
            const Segment* same = snapshot->renditions[0].segment(segment->msn);
            if (!same) continue;
            const Duration skew =
                duration_of(segment->start, segment->timescale) - duration_of(same->start, same->timescale);
            EXPECT_GE(skew, 0ms);
            EXPECT_LT(skew, 22ms);
        }
    }
}

TEST(Segments, RungsWhoseKeyFramesDisagreeAreReported) {
    Source high = video({30, 1}, 60);
    Source low = video({30, 1}, 50);
    low.name = "360p";
    Broadcast live({}, {high, low});
    live.run(20s);
    ASSERT_EQ(live.notices.size(), 1u);
    EXPECT_THAT(live.notices[0], HasSubstr("360p: its key frames do not fall together with those of video_0"));
}

TEST(Segments, ALateAudioTrackJoinsWithTheNextSegment) {
    Broadcast live({}, {video(), audio()});
    live.sources[1].stopped = true;
    live.run(10s);
    EXPECT_THAT(multivariant(live), Not(HasSubstr("AUDIO")));
    live.sources[1].stopped = false;
    while (Broadcast::time_of(live.sources[1], live.sources[1].next) < 10s) ++live.sources[1].next;
    live.run(20s);
    EXPECT_THAT(multivariant(live), HasSubstr("AUDIO=\"audio\""));
    const ReadPlaylist video = live.playlist("video_0");
    const ReadPlaylist audio = live.playlist("audio_0");
    EXPECT_EQ(audio.segments.back().msn, video.segments.back().msn);
    EXPECT_EQ(audio.discontinuity_sequence, video.discontinuity_sequence);
}

TEST(Segments, ALateVideoTakesTheLeadAtADiscontinuity) {
    Broadcast live({}, {video(), audio()});
    live.sources[0].stopped = true;
    live.run(12s);
    EXPECT_TRUE(live.snapshot()->published);
    live.sources[0].stopped = false;
    while (Broadcast::time_of(live.sources[0], live.sources[0].next) < 12s) ++live.sources[0].next;
    live.run(30s);
    EXPECT_EQ(live.presentation.stats().discontinuities, 1u);
    EXPECT_EQ(live.playlist("audio_0").segments.back().msn, live.playlist("video_0").segments.back().msn);
    EXPECT_EQ(live.playlist("audio_0").discontinuity_sequence, live.playlist("video_0").discontinuity_sequence);
}

}  // namespace
}  // namespace millrace::hls
