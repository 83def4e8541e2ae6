// SPDX-License-Identifier: LGPL-2.1-or-later
// Input that no honest publisher sends: refused or contained, with playlists legal all the while and memory bounded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/core/hls/broadcast.hpp"
#include "tests/core/hls/chunk_reader.hpp"
#include "tests/core/hls/playlist_rules.hpp"
#include "tests/support/sanitized.hpp"

namespace millrace::hls {
namespace {

using test::Broadcast;

class Hostile : public testing::Test {
  protected:
    Hostile() { begin_anew(); }

    void begin_anew() {
        owned = std::make_unique<Presentation>(Settings{}, UnixTime{Broadcast::kWallStart});
        video = owned->add_track(codec::Kind::video, {"video_0"});
        audio = owned->add_track(codec::Kind::audio, {"audio_0"});
        now = {};
        publications = {};
    }

    void set_formats() {
        EXPECT_TRUE(owned->set_format(video, test::h264({30, 1})));
        EXPECT_TRUE(owned->set_format(audio, test::aac()));
    }

    Result<> push(TrackIndex track, Frame frame) {
        auto pushed = owned->push(track, frame, TimePoint(now), UnixTime{Broadcast::kWallStart} + now);
        check();
        return pushed;
    }

    void check() { publications.check(owned->snapshot()); }

    std::unique_ptr<Presentation> owned;
    TrackIndex video = 0;
    TrackIndex audio = 0;
    Duration now{};
    const Bytes payload = Bytes(64, 7);
    test::Publications publications;
};

TEST_F(Hostile, FramesThatMakeNoSenseAreRefused) {
    EXPECT_FALSE(push(video, {.key = true, .payload = payload}));  // no format yet
    set_formats();
    EXPECT_FALSE(push(video, {.key = true}));  // no bytes
    EXPECT_FALSE(push(video, {.dts = Duration::max(), .pts = Duration::max(), .key = true, .payload = payload}));
    EXPECT_FALSE(push(video, {.dts = Duration::min(), .pts = Duration::min(), .key = true, .payload = payload}));
    const Bytes huge(16 * 1024 * 1024 + 1, 0);
    EXPECT_FALSE(push(video, {.key = true, .payload = huge}));
    EXPECT_TRUE(push(video, {.key = true, .payload = payload}));
}

TEST_F(Hostile, FormatsThatCannotBeDecodedAreRefused) {
    EXPECT_FALSE(owned->set_format(video, test::aac()));
    EXPECT_FALSE(owned->set_format(video, {.codec = codec::Codec::h264}));
    EXPECT_FALSE(owned->set_format(audio, {.codec = codec::Codec::mp3}));
    codec::TrackFormat endless = test::h264({4'000'000'000u, 1});
    if (owned->set_format(video, endless)) {
        for (int i = 0; i < 500; ++i)
            EXPECT_TRUE(push(
                video, {.dts = Duration(i * 10ms), .pts = Duration(i * 10ms), .key = i % 50 == 0, .payload = payload}));
    }
}

TEST_F(Hostile, NothingIsTakenAfterTheEnd) {
    set_formats();
    owned->end_all();
    EXPECT_FALSE(push(video, {.key = true, .payload = payload}));
    owned->end_all();
    owned->interrupt(TimePoint(1s));
    owned->tick(TimePoint(5s), UnixTime{Broadcast::kWallStart});
    EXPECT_EQ(owned->deadline(), kNever);
}

// A hundred thousand frames that all claim the same instant: media does not advance, memory must not either.
TEST_F(Hostile, TimeThatStandsStillIsBounded) {
    set_formats();
    const Bytes large(20'000, 1);
    std::size_t most = 0;
    for (int i = 0; i < 60; ++i)
        ASSERT_TRUE(push(
            video, {.dts = Duration(i * 50ms), .pts = Duration(i * 50ms), .key = i % 20 == 0, .payload = payload}));
    for (int i = 0; i < 100'000; ++i) {
        now += 100us;
        ASSERT_TRUE(push(
            video,
            {.dts = 3s, .pts = 3s, .key = i % 7 == 0, .payload = i % 50 == 0 ? ByteView(large) : ByteView(payload)}));
        most = std::max(most, owned->stats().bytes_held);
    }
    EXPECT_LT(most, 80'000'000u);
}

TEST_F(Hostile, ADiscontinuityAtEveryFrameKeepsPlaylistsShort) {
    set_formats();
    std::size_t longest = 0;
    for (int i = 0; i < 3000; ++i) {
        now = Duration(i * 33ms);
        ASSERT_TRUE(push(video, {.dts = now, .pts = now, .key = true, .discontinuity = i > 100, .payload = payload}));
        longest = std::max(longest, owned->snapshot()->renditions[0].full.plain.size());
    }
    EXPECT_LT(longest, 200'000u);
}

TEST_F(Hostile, AudioOfAnotherTimelineIsLeftOutAndTold) {
    set_formats();
    bool told = false;
    for (int i = 0; i < 900; ++i) {
        now = Duration(i * 33ms);
        ASSERT_TRUE(push(video, {.dts = now, .pts = now, .key = i % 30 == 0, .payload = payload}));
        const Duration shift = i < 300 ? Duration(0) : Duration(std::chrono::hours(3));
        ASSERT_TRUE(push(audio, {.dts = now + shift, .pts = now + shift, .payload = payload}));
        for (const Notice& notice : owned->take_notices())
            told = told || notice.text.find("timeline") != std::string::npos;
    }
    EXPECT_TRUE(told);
    const auto& renditions = owned->snapshot()->renditions;
    EXPECT_EQ(renditions[0].segments.back()->msn, renditions[1].segments.back()->msn);
}

// Anything at all, a few thousand calls long, many times over: the checks after each call are the test.
TEST_F(Hostile, NoSequenceOfCallsMakesAnIllegalPlaylist) {
    for (unsigned seed = 1; seed <= (test::kSanitized ? 3 : 12); ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        const auto one_in = [&](unsigned n) { return random() % n == 0; };
        begin_anew();
        set_formats();
        Duration stream{};
        for (int i = 0; i < 3000; ++i) {
            now += Duration(1ms) * (one_in(300) ? random() % 8000 : random() % 40);
            stream += Duration(1ms) * (random() % 40);
            if (one_in(200)) stream += Duration(1ms) * (static_cast<int>(random() % 20'000) - 8000);
            if (one_in(400)) owned->interrupt(TimePoint(now));
            if (one_in(10)) {
                owned->tick(TimePoint(now), UnixTime{Broadcast::kWallStart} + now);
                check();
            }
            if (one_in(500)) {
                const codec::Rational rate{one_in(2) ? 30u : 25u, 1};
                ASSERT_TRUE(owned->set_format(video, test::h264(rate, 640 + 2 * (random() % 2), 360)));
                ASSERT_TRUE(owned->set_format(audio, test::aac(one_in(2) ? 44100 : 48000)));
            }
            const TrackIndex track = one_in(2) ? video : audio;
            const Duration offset = Duration(1ms) * (random() % 120);
            Frame frame{.dts = stream,
                        .pts = stream + offset,
                        .key = one_in(20),
                        .discontinuity = one_in(300),
                        .payload = payload};
            if (one_in(3)) frame.duration = Duration(1ms) * (random() % 60);
            ASSERT_TRUE(push(track, frame));
            if (testing::Test::HasFailure()) return;
        }
        owned->end_all();
        check();
        for (const auto& rendition : owned->snapshot()->renditions) test::expect_one_timeline(rendition);
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace millrace::hls
