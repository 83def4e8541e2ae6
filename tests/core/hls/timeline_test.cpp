// SPDX-License-Identifier: LGPL-2.1-or-later
// What the chunks say of time: nothing drifts, nothing overlaps, and playlist, dates and tfdt agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hls/core/media_time.hpp"
#include "tests/core/hls/broadcast.hpp"
#include "tests/core/hls/chunk_reader.hpp"
#include "tests/core/hls/playlist_rules.hpp"

namespace millrace::hls {
namespace {

using test::audio;
using test::Broadcast;
using test::ReadChunk;
using test::ReadPlaylist;
using test::Source;
using test::video;

void expect_continuous(const std::vector<ReadChunk>& chunks) {
    for (std::size_t i = 1; i < chunks.size(); ++i) {
        EXPECT_EQ(chunks[i].decode_time, chunks[i - 1].decode_time + chunks[i - 1].duration());  // CM-6
        EXPECT_EQ(chunks[i].sequence_number, chunks[i - 1].sequence_number + 1);                 // CM-10
    }
}

struct Pairing {
    codec::Rational rate;
    std::size_t gop;
    codec::TrackFormat sound;
    Duration part;
};

std::string name_of(const Pairing& p) {
    return std::to_string(p.rate.numerator) + "/" + std::to_string(p.rate.denominator) + " fps, " +
           std::to_string(static_cast<int>(p.sound.codec)) + " at " + std::to_string(p.sound.sample_rate) +
           ", parts of " + std::to_string(p.part.count() / 1'000'000) + " ms";
}

// PART-3 to PART-6: the checks of Broadcast hold at every publication for each usual pair of streams, with exact
// timestamps and with RTMP's milliseconds.
TEST(Timeline, EveryUsualPairOfStreamsMakesLegalParts) {
    const std::vector<std::pair<codec::Rational, std::size_t>> videos{
        {{24, 1}, 24}, {{25, 1}, 50},        {{30000, 1001}, 30}, {{30, 1}, 60},
        {{50, 1}, 50}, {{60000, 1001}, 120}, {{60, 1}, 60}};
    const std::vector<codec::TrackFormat> sounds{test::aac(44100), test::aac(48000), test::opus(), test::mp3()};
    for (const auto& [rate, gop] : videos) {
        for (const auto& sound : sounds) {
            for (Duration part : {100ms, 200ms, 333ms, 500ms, 1000ms}) {
                for (bool milliseconds : {false, true}) {
                    SCOPED_TRACE(name_of({rate, gop, sound, part}) + (milliseconds ? ", in ms" : ""));
                    Source picture = video(rate, gop);
                    Source tone = audio(sound);
                    picture.milliseconds = tone.milliseconds = milliseconds;
                    Broadcast live({.part_duration = part}, {picture, tone});
                    live.run(5200ms);
                    const std::int64_t target = live.playlist().part_target;
                    EXPECT_NEAR(static_cast<double>(target), part.count() / 1e4, part.count() / 1e4 * 0.3);
                    for (const auto& rendition : live.snapshot()->renditions)
                        expect_continuous(test::read_chunks(rendition));
                    if (HasFailure()) return;
                }
            }
        }
    }
}

TEST(Timeline, MillisecondTimestampsBecomeExactTicksAgain) {
    Source picture = video({30, 1}, 30);
    picture.milliseconds = true;
    Broadcast live({}, {picture});
    live.run(30s);
    const auto& rendition = live.snapshot()->renditions[0];
    for (const ReadChunk& chunk : test::read_chunks(rendition)) {
        ASSERT_EQ(chunk.samples.size(), 6u);
        for (const auto& sample : chunk.samples) ASSERT_EQ(sample.duration, 3000u);
    }
    EXPECT_EQ(live.playlist().part_target, 20000);
}

TEST(Timeline, NothingDriftsInAQuarterOfAnHour) {
    for (codec::Rational rate : {codec::Rational{30000, 1001}, codec::Rational{60000, 1001}, codec::Rational{25, 1}}) {
        Source picture = video(rate, 60);
        picture.milliseconds = true;
        picture.bytes = 20;
        Broadcast live({.part_duration = 1s, .segment_duration = 6s}, {picture});
        live.unchecked = true;
        live.run(900s);
        const auto chunks = test::read_chunks(live.snapshot()->renditions[0]);
        const std::size_t frames = live.sources[0].next;
        const auto timescale = live.snapshot()->renditions[0].segments[0]->timescale;
        // The end of the last whole part against the source's own clock, from media time ten seconds on.
        const double end = static_cast<double>(chunks.back().decode_time + chunks.back().duration()) / timescale - 10;
        const double sent = static_cast<double>(frames) * rate.denominator / rate.numerator;
        EXPECT_NEAR(end, sent, 1.1);
        EXPECT_LE(end, sent + 0.001);
    }
}

// BF-1: where a segment begins, its key frame is shown at the segment's own time; nothing is shown twice or before it.
TEST(Timeline, ReorderedFramesAreShownInOrderAndOnTime) {
    for (bool milliseconds : {false, true}) {
        for (codec::Rational rate : {codec::Rational{25, 1}, codec::Rational{30, 1}, codec::Rational{30000, 1001}}) {
            Source picture = video(rate, 31);  // the last frame of a GOP is one that others refer to
            picture.reorder = 1;
            picture.milliseconds = milliseconds;
            Broadcast live({}, {picture, audio()});
            live.run(12s);
            const auto& rendition = live.snapshot()->renditions[0];
            std::vector<std::int64_t> shown;
            for (const auto& segment : rendition.segments) {
                EXPECT_EQ(test::read_chunk(*segment->parts[0]).samples[0].presentation_time, segment->start);
            }
            for (const ReadChunk& chunk : test::read_chunks(rendition)) {
                for (const auto& sample : chunk.samples) shown.push_back(sample.presentation_time);
            }
            std::sort(shown.begin(), shown.end());
            const auto frame =
                static_cast<std::int64_t>(rendition.segments[0]->timescale) * rate.denominator / rate.numerator;
            // The last frames of the list may still miss those between them.
            for (std::size_t i = 1; i + 8 < shown.size(); ++i) ASSERT_EQ(shown[i] - shown[i - 1], frame);
        }
    }
}

// Section 17, row 6: three ways to tell a segment's time, one answer.
TEST(Timeline, DatesDurationsAndDecodeTimesAgree) {
    Broadcast live({}, {video({30000, 1001}, 60), audio(test::aac(44100))});
    live.run(40s);
    for (const auto& rendition : live.snapshot()->renditions) {
        const ReadPlaylist list = live.playlist(rendition.name);
        ASSERT_FALSE(list.segments.empty());
        const std::size_t first = rendition.first_listed;
        for (std::size_t i = 0; i < list.segments.size(); ++i) {
            const Segment& segment = *rendition.segments[first + i];
            const std::int64_t tfdt = test::read_chunk(*segment.parts[0]).decode_time;
            EXPECT_EQ(tfdt, segment.start);
            const double by_date = static_cast<double>(list.segments[i].date - list.segments[0].date) / 1000;
            const double by_tfdt = static_cast<double>(tfdt - rendition.segments[first]->start) / segment.timescale;
            EXPECT_NEAR(by_date, by_tfdt, 0.002);
        }
    }
}

TEST(Timeline, DatesAreWhenTheFramesCame) {
    Source picture = video();
    picture.delay = 30ms;
    Broadcast live({}, {picture});
    live.run(20s);
    const ReadPlaylist list = live.playlist();
    const auto end =
        list.segments.back().date + list.segments.back().duration / 100 + test::duration_of(list.open->parts) / 100;
    const std::int64_t now = Broadcast::kWallStart / 1'000'000 + 20'000;
    EXPECT_GE(now - end, -40);
    EXPECT_LE(now - end, 240);
}

TEST(Timeline, RenditionsOfALadderBeginTheirSegmentsAtTheSameTick) {
    Source high = video({30, 1}, 60);
    Source low = video({30, 1}, 60);
    low.name = "360p";
    low.delay = 60ms;
    Broadcast live({}, {high, low, audio()});
    live.run(20s);
    const auto snapshot = live.snapshot();
    for (const auto& segment : snapshot->renditions[0].segments) {
        const Segment* same = snapshot->renditions[1].segment(segment->msn);
        if (!same) continue;
        EXPECT_EQ(same->start, segment->start);
        EXPECT_TRUE(same->parts[0]->independent);
        const Segment* sound = snapshot->renditions[2].segment(segment->msn);
        ASSERT_TRUE(sound);
        const Duration skew =
            duration_of(sound->start, sound->timescale) - duration_of(segment->start, segment->timescale);
        EXPECT_GE(skew, 0ms);  // CM-16
        EXPECT_LT(skew, 22ms);
    }
    EXPECT_TRUE(live.notices.empty());
}

TEST(Timeline, UnevenFramesStillMakeLegalParts) {
    for (int seed = 1; seed <= 6; ++seed) {
        Source picture = video({30, 1}, 30);
        picture.format.frame_rate = {};
        // A camera's clock: up to 12 ms off, the same for the same frame.
        picture.jitter = [seed](std::size_t n) {
            return Duration(1ms) * static_cast<int>((n * 7919 * seed + n * n) % 25) - 12ms;
        };
        Broadcast live({}, {picture, audio()});
        live.run(20s);
        expect_continuous(test::read_chunks(live.snapshot()->renditions[0]));
    }
}

TEST(Timeline, SlowFramesGetPartsThatHoldThem) {
    Source picture = video({2, 1}, 4);  // a screen, two frames a second
    Broadcast live({}, {picture, audio()});
    live.run(20s);
    EXPECT_EQ(live.playlist().part_target, 50000);
    EXPECT_EQ(live.presentation.stats().gaps, 0u);
}

TEST(Timeline, AFrameThatIsDroppedLeavesNoHole) {
    Source picture = video({30, 1}, 30);
    picture.jitter = [](std::size_t n) {
        return Duration(33'333'333) * static_cast<int>(n / 45);
    };  // one of 46 is missing
    Broadcast live({}, {picture, audio()});
    live.run(30s);
    EXPECT_EQ(live.presentation.stats().gaps, 0u);
    EXPECT_EQ(live.presentation.stats().discontinuities, 0u);
}

}  // namespace
}  // namespace millrace::hls
