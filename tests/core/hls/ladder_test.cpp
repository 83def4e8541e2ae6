// SPDX-License-Identifier: LGPL-2.1-or-later
// Several videos of one picture: where one begins a segment or a part all do, whichever comes first, and one that
// pauses disturbs nobody (CM-15, MP-12, MP-15, MP-16).
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
using testing::IsEmpty;

constexpr std::size_t kNone = 99;

codec::Rational half(codec::Rational rate) {
    return {rate.numerator, 2 * rate.denominator};
}

// Encoded rungs come a while after the source they are made of.
std::vector<Source> ladder(codec::Rational rate, Duration first_delay = 60ms, Duration second_delay = 200ms) {
    const std::size_t gop = 2 * ((rate.numerator + rate.denominator / 2) / rate.denominator);
    std::vector<Source> sources{video(rate, gop), video(rate, gop), video(rate, gop), audio()};
    sources[0].name = "copy";
    sources[1].name = "720p";
    sources[2].name = "360p";
    sources[1].delay = first_delay;
    sources[2].delay = second_delay;
    return sources;
}

void halve(Source& source) {
    source.rate = half(source.rate);
    source.format.frame_rate = source.rate;
    source.gop /= 2;
}

// Segment starts and part ends in media time.
std::vector<Duration> boundaries(const Segment& segment) {
    std::int64_t at = segment.start;
    std::vector<Duration> list{duration_of(at, segment.timescale)};
    for (const auto& part : segment.parts) list.push_back(duration_of(at += part->duration, segment.timescale));
    return list;
}

bool has_gap(const Segment& segment) {
    return std::any_of(segment.parts.begin(), segment.parts.end(), [](const auto& part) { return part->gap; });
}

void expect_same_boundaries(const Segment& segment, const Segment& same) {
    std::vector<Duration> mine = boundaries(segment), others = boundaries(same);
    if (has_gap(segment) || has_gap(same)) {  // a part that stopped is shorter
        mine = {mine.front(), mine.back()};
        others = {others.front(), others.back()};
    }
    ASSERT_EQ(mine.size(), others.size()) << segment.msn;
    for (std::size_t i = 0; i < mine.size(); ++i) {
        EXPECT_LE(std::chrono::abs(mine[i] - others[i]), 35us) << "boundary " << i << " of " << segment.msn;
    }
}

// Of all videos with the first one.
void expect_aligned(const Broadcast& live, std::size_t least) {
    const auto snapshot = live.snapshot();
    for (std::size_t i = 1; i < snapshot->renditions.size(); ++i) {
        const RenditionSnapshot& rendition = snapshot->renditions[i];
        if (rendition.kind == codec::Kind::audio) continue;
        SCOPED_TRACE(rendition.name);
        std::size_t compared = 0;
        for (const auto& segment : rendition.segments) {
            const Segment* same = snapshot->renditions[0].segment(segment->msn);
            if (!same) continue;
            expect_same_boundaries(*segment, *same);
            if (!segment->gap()) {
                EXPECT_TRUE(segment->parts[0]->independent) << segment->msn;
            }
            ++compared;
        }
        EXPECT_GE(compared, least);
        test::expect_one_timeline(rendition);
    }
}

std::size_t next_at(const Source& source, Duration time) {
    std::size_t next = source.next;
    while (Broadcast::time_of(source, next) < time) ++next;
    return next;
}

// Goes on with what is encoded at `time`, as an encoder that was switched off and on again does.
void switch_on(Source& source, Duration time) {
    source.next = next_at(source, time);
    source.stopped = false;
    source.discontinuity = true;
}

TEST(Ladder, RungsShareAllBoundariesWhicheverLeadsAndComesFirst) {
    for (std::size_t steady : {kNone, std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
        for (bool reversed : {false, true}) {
            SCOPED_TRACE(std::to_string(steady) + (reversed ? ", the source comes last" : ""));
            std::vector<Source> sources = ladder({30, 1});
            if (steady != kNone) sources[steady].steady = true;
            if (reversed) std::swap(sources[0].delay, sources[2].delay);
            Broadcast live({}, sources);
            live.run(14s);
            expect_aligned(live, 5);
            EXPECT_EQ(live.presentation.stats().gaps, 0u);
            EXPECT_THAT(live.notices, IsEmpty());
        }
    }
}

// MP-14, also at the moment that the lead has begun a segment and a rung has not ended its last.
TEST(Ladder, ARungThatLagsHasSixSegmentsWheneverSomeHaveLeft) {
    Broadcast live({}, ladder({30, 1}));
    std::size_t fewest = 99;
    live.sent = [&](const Source&, const Frame&) {
        for (const auto& rendition : live.snapshot()->renditions) {
            const bool some_have_left = !rendition.segments.empty() && rendition.first_listed > 0;
            if (!some_have_left || rendition.kind != codec::Kind::video) continue;
            fewest = std::min(fewest, rendition.segments.size() - rendition.first_listed);
        }
    };
    live.run(30s);
    EXPECT_GE(fewest, 6u);
    EXPECT_LT(fewest, 99u);
}

TEST(Ladder, ARungOfHalfTheFramesSharesThemToo) {
    for (codec::Rational rate : {codec::Rational{30, 1}, codec::Rational{60, 1}, codec::Rational{50, 1},
                                 codec::Rational{25, 1}, codec::Rational{30000, 1001}}) {
        for (bool half_leads : {false, true}) {
            SCOPED_TRACE(std::to_string(rate.numerator) + "/" + std::to_string(rate.denominator) +
                         (half_leads ? ", the half leads" : ""));
            std::vector<Source> sources = ladder(rate);
            halve(sources[2]);
            sources[2].steady = half_leads;
            Broadcast live({}, sources);
            live.run(14s);
            expect_aligned(live, 5);
            EXPECT_EQ(live.presentation.stats().gaps, 0u);
            EXPECT_THAT(live.notices, IsEmpty());
        }
    }
}

// BF-1: what the encoder sees is shown at the time of the source's key frame, not decoded then.
TEST(Ladder, RungsWithoutReorderingShareTheBoundariesOfASourceWithIt) {
    for (std::size_t steady : {kNone, std::size_t{0}, std::size_t{2}}) {
        for (bool milliseconds : {false, true}) {
            SCOPED_TRACE(std::to_string(steady) + (milliseconds ? ", in ms" : ""));
            std::vector<Source> sources = ladder({30, 1});
            sources[0].reorder = 1;
            for (std::size_t i : {std::size_t{1}, std::size_t{2}}) sources[i].shift = Broadcast::time_of(sources[i], 1);
            for (Source& source : sources) source.milliseconds = milliseconds;
            if (steady != kNone) sources[steady].steady = true;
            Broadcast live({}, sources);
            live.run(14s);
            expect_aligned(live, 5);
            for (const RenditionSnapshot& rendition : live.snapshot()->renditions) {
                if (rendition.kind == codec::Kind::audio) continue;
                for (const auto& segment : rendition.segments) {
                    EXPECT_EQ(test::read_chunk(*segment->parts[0]).samples[0].presentation_time, segment->start);
                }
            }
            EXPECT_EQ(live.presentation.stats().gaps, 0u);
            EXPECT_THAT(live.notices, IsEmpty());
        }
    }
}

TEST(Ladder, TheFirstPlaylistListsEveryRungWithABitRateThatIsTrue) {
    for (std::uint64_t told : {std::uint64_t{0}, std::uint64_t{160'000}}) {
        std::vector<Source> sources = ladder({30, 1});
        sources[0].reorder = 1;
        for (std::size_t i : {std::size_t{1}, std::size_t{2}}) sources[i].shift = Broadcast::time_of(sources[i], 1);
        for (Source& source : sources) source.bitrate = told;
        Broadcast live({}, sources);
        while (!live.snapshot()->published) live.run(live.now + 1ms);
        const std::string text = live.text("index.m3u8");
        for (const char* name : {"copy", "720p", "360p"}) {
            EXPECT_THAT(text, HasSubstr(std::string("\n") + name + "/media.m3u8"));
            EXPECT_GE(live.playlist(name).segments.size(), 1u) << name;
        }
        // 500 bytes a frame are 120 kbit/s of video and 187.5 of audio, and there are the boxes around them.
        for (std::size_t at = text.find(":BANDWIDTH="); at != text.npos; at = text.find(":BANDWIDTH=", at + 1)) {
            const unsigned long rate = std::stoul(text.substr(at + 11));
            EXPECT_GT(rate, 307'500u);
            EXPECT_LT(rate, 600'000u);
        }
    }
}

// A burst after a stall, in which the rungs come one after the other, is no reason to take one for switched off.
TEST(Ladder, ANetworkThatStallsDoesNotSwitchRungsOff) {
    Broadcast live({}, ladder({30, 1}));
    live.run(10s);
    for (Source& source : live.sources) source.arrival_shift = 2s;
    live.run(11900ms);
    for (Source& source : live.sources) source.arrival_shift = 0s;
    live.run(20s);
    EXPECT_EQ(live.presentation.stats().gaps, 0u);
    EXPECT_EQ(live.presentation.stats().discontinuities, 0u);
    expect_aligned(live, 5);
}

class PausingRung : public testing::Test {
  protected:
    static constexpr std::size_t kRung = 1;
    void pause(Duration from, Duration until, bool steady = true) {
        std::vector<Source> sources = ladder({30, 1});
        sources[0].steady = steady;
        live = std::make_unique<Broadcast>(Settings{}, sources);
        live->run(from);
        live->sources[kRung].stopped = true;
        live->run(until);
    }
    [[nodiscard]] std::uint64_t gaps_of(std::size_t rendition) const {
        std::uint64_t gaps = 0;
        for (const auto& segment : live->snapshot()->renditions[rendition].segments) {
            for (const auto& part : segment->parts) gaps += part->gap ? 1 : 0;
        }
        return gaps;
    }
    std::unique_ptr<Broadcast> live;
};

TEST_F(PausingRung, ItsPlaylistGoesOnWithGapsBesideTheOthers) {
    pause(10300ms, 11600ms);
    for (Duration at = live->now; at < 17s; at += 220ms) {
        const std::uint64_t before = live->snapshot()->renditions[kRung].next_part;
        live->run(at);
        if (at > 11600ms) {
            EXPECT_GT(live->snapshot()->renditions[kRung].next_part, before) << at.count();
        }
        const Position mine = live->snapshot()->renditions[kRung].last();
        const Position others = live->snapshot()->renditions[0].last();
        const auto behind = static_cast<std::int64_t>(others.msn - mine.msn) * 10 + others.part - mine.part;
        EXPECT_LE(std::abs(behind), 1);  // RR-4
    }
    const ReadPlaylist list = live->playlist("720p");
    EXPECT_TRUE(list.segments.back().gap);
    EXPECT_TRUE(list.segments.back().parts.back().gap);
    EXPECT_EQ(gaps_of(0), 0u);
    EXPECT_EQ(gaps_of(2), 0u);
    expect_aligned(*live, 5);
}

// It is back within a segment of the first key frame, and nobody else saw anything.
TEST_F(PausingRung, ComesBackWhereASegmentBeginsWithoutADiscontinuity) {
    for (Duration until : {13s + 0ms, 14s + 0ms, 14s + 30ms, 14s + 500ms, 15s + 980ms, 45s + 500ms}) {
        SCOPED_TRACE(until.count());
        pause(10300ms, until);
        switch_on(live->sources[kRung], until);
        live->run(until + 9s);
        EXPECT_EQ(live->presentation.stats().discontinuities, 0u);
        EXPECT_EQ(gaps_of(0), 0u);
        EXPECT_EQ(gaps_of(2), 0u);
        expect_aligned(*live, 5);
        EXPECT_THAT(live->notices, IsEmpty());
        EXPECT_THAT(live->text("index.m3u8"), HasSubstr("#EXT-X-INDEPENDENT-SEGMENTS"));
        const ReadPlaylist list = live->playlist("720p");
        const std::size_t count = list.segments.size();
        for (std::size_t i = count - 2; i < count; ++i) {
            for (const auto& part : list.segments[i].parts) EXPECT_FALSE(part.gap) << list.segments[i].uri;
        }
        // A segment is missing from some part on or as a whole: it never begins with a gap and goes on with media.
        for (const auto& segment : live->snapshot()->renditions[kRung].segments) {
            const bool sorted = std::is_sorted(segment->parts.begin(), segment->parts.end(),
                                               [](const auto& a, const auto& b) { return !a->gap && b->gap; });
            EXPECT_TRUE(sorted) << segment->msn;
        }
    }
}

TEST_F(PausingRung, OneThatLedHandsOverAndNobodyIsInterrupted) {
    std::vector<Source> sources = ladder({30, 1});
    Broadcast led({}, sources);
    led.run(10300ms);
    led.sources[0].stopped = true;
    led.run(20s);
    switch_on(led.sources[0], 20s);
    led.run(30s);
    EXPECT_EQ(led.presentation.stats().discontinuities, 0u);
    EXPECT_THAT(led.notices, IsEmpty());
    for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
        for (const auto& segment : led.snapshot()->renditions[i].segments) {
            EXPECT_FALSE(segment->gap());
            EXPECT_TRUE(segment->parts[0]->independent);
            EXPECT_EQ(segment->length(), 2s);
        }
    }
    expect_aligned(led, 5);
    EXPECT_FALSE(led.playlist("copy").segments.back().gap);
}

TEST_F(PausingRung, OneThatEndsLeavesTheOthersAsTheyAre) {
    for (std::size_t ends : {std::size_t{0}, std::size_t{1}}) {
        Broadcast led({}, ladder({30, 1}));
        led.run(10300ms);
        led.sources[ends].stopped = true;
        led.presentation.end(ends);
        led.run(20s);
        EXPECT_EQ(led.presentation.stats().discontinuities, 0u);
        EXPECT_FALSE(led.playlist("360p").segments.back().gap);
        EXPECT_FALSE(led.playlist("audio_0").segments.back().gap);
        expect_aligned(led, 5);
    }
}

TEST(Ladder, ARungThatComesLaterBeginsWithASegment) {
    std::vector<Source> sources = ladder({30, 1});
    Broadcast live({}, sources);
    live.sources[2].stopped = true;
    live.run(9300ms);
    switch_on(live.sources[2], 9300ms);
    live.run(18s);
    EXPECT_EQ(live.presentation.stats().gaps, 0u);
    EXPECT_EQ(live.presentation.stats().discontinuities, 0u);
    expect_aligned(live, 3);
}

TEST(Ladder, RungsThatReturnWithTheirPublisherAreAlignedAgain) {
    Broadcast live({}, ladder({30, 1}));
    live.run(9100ms);
    for (Source& source : live.sources) source.stopped = true;
    live.presentation.interrupt(TimePoint(live.now));
    live.run(12s);
    for (Source& source : live.sources) {
        source.arrival_shift = source.shift = 12s - Broadcast::time_of(source, source.next);
        source.first_key = source.next;
        source.discontinuity = true;
        source.stopped = false;
    }
    live.run(22s);
    EXPECT_EQ(live.presentation.stats().discontinuities, 1u);
    expect_aligned(live, 5);
    EXPECT_FALSE(live.playlist("360p").segments.back().gap);
}

}  // namespace
}  // namespace millrace::hls
