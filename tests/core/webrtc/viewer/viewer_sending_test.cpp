// SPDX-License-Identifier: LGPL-2.1-or-later
// What a viewer gets, and when.
#include <gtest/gtest.h>

#include "tests/core/webrtc/viewer/viewer_scene.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::RtpPacket;
using test::kAudioSsrc;
using test::kVideoSsrc;
using test::Scene;

void expect_gap_free(const std::vector<RtpPacket>& packets) {
    ASSERT_FALSE(packets.empty());
    for (std::size_t i = 1; i < packets.size(); ++i) {
        ASSERT_EQ(packets[i].sequence, (packets[i - 1].sequence + 1) % 0x10000) << i;
        const auto step = static_cast<std::int32_t>(packets[i].timestamp - packets[i - 1].timestamp);
        ASSERT_EQ(step, packets[i - 1].marker ? 3600 : 0) << i;
    }
}

class ViewerOfEachProfile : public testing::TestWithParam<SrtpProfile> {};

TEST_P(ViewerOfEachProfile, BeginsWithTheNewestKeyFrameAndGoesOnWithoutAGapIntoLive) {
    Scene scene({.profile = GetParam()});
    scene.frames(70, 25);
    scene.pass();
    const auto first = scene.video().at(0);
    EXPECT_EQ(first.timestamp, scene.video_ring.newest_key_frame()->timestamp);
    EXPECT_EQ(first.payload.at(0), 0x4b);
    EXPECT_LT(first.sequence, 0x8000U);
    for (int i = 0; i < 50; ++i) {
        scene.frame(false);
        scene.pass();
    }
    expect_gap_free(scene.video());
    EXPECT_EQ(scene.video().size(), scene.video_ring.end() - scene.video_ring.newest_key_frame()->first_sequence);
    EXPECT_EQ(scene.unread, 0U);
}

INSTANTIATE_TEST_SUITE_P(Both, ViewerOfEachProfile,
                         testing::Values(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80));

TEST(Viewer, CatchesUpPacedAndThenGetsFramesAtOnce) {
    Scene scene;
    scene.frames(95, 50);  // 1.8 s of some 110 kB/s since the key frame
    scene.pass();
    const std::size_t burst = scene.video().size();
    EXPECT_GE(burst, 10U);
    EXPECT_LE(burst, 20U) << "a burst, not the group of pictures";
    const TimePoint start = scene.now;
    scene.pass_until(start + 200ms);
    EXPECT_LT(scene.video().size(), 150U) << "at 5 times the stream's rate or 500 kB/s";
    EXPECT_GT(scene.video().size(), 80U);
    scene.pass_until(start + 1s);
    EXPECT_EQ(scene.video().size(), 45U * 4 + 16);
    // Large, and not paced.
    scene.frame(false, 100);
    scene.packets.clear();
    scene.pass();
    EXPECT_EQ(scene.video().size(), 100U);
}

TEST(Viewer, IsSentAFrameOfEqualPacketsInOneRun) {
    Scene scene({.audio = false});
    scene.frames(1, 1);
    scene.pass_until(scene.now + 100ms);
    scene.runs = 0;
    scene.frame(false, 40);
    scene.pass();
    EXPECT_EQ(scene.runs, 1U);
}

TEST(Viewer, HearsWhatBelongsToThePicture) {
    Scene scene;
    scene.frames(70, 25);
    scene.pass();
    const auto& key_frame = *scene.video_ring.newest_key_frame();
    const auto first = scene.of(kAudioSsrc).at(0);
    EXPECT_EQ(first.timestamp, scene.stream.audio.clock().timestamp(scene.stream.running_time(key_frame.arrival)));
    // Not before the picture has come so far.
    EXPECT_LE(scene.of(kAudioSsrc).size(), 6U);
    scene.pass_until(scene.now + 500ms);
    const auto heard = scene.of(kAudioSsrc);
    EXPECT_EQ(heard.size(), 40U);
    for (std::size_t i = 1; i < heard.size(); ++i) ASSERT_EQ(heard[i].timestamp - heard[i - 1].timestamp, 960U);
}

TEST(Viewer, WaitsForAKeyFrameAndWishesForOneWhereTheNewestIsOld) {
    Scene scene;
    scene.frames(60, 100);
    scene.pass();
    EXPECT_TRUE(scene.packets.empty());
    EXPECT_TRUE(scene.viewer->take_key_frame_wish());
    scene.frame(false);
    scene.pass();
    EXPECT_FALSE(scene.viewer->take_key_frame_wish());
    scene.frames(1, 1);
    scene.pass();
    EXPECT_EQ(scene.video().at(0).payload.at(0), 0x4b);
    EXPECT_FALSE(scene.of(kAudioSsrc).empty());
}

TEST(Viewer, WishesAgainForAKeyFrameThatDoesNotCome) {
    Scene scene;
    int wishes = 0;
    for (int i = 0; i < 100; ++i) {
        scene.frame(false);
        scene.pass();
        wishes += scene.viewer->take_key_frame_wish() ? 1 : 0;
    }
    EXPECT_EQ(wishes, 4);
    EXPECT_FALSE(scene.of(kAudioSsrc).empty()) << "in the end without a picture";
}

TEST(Viewer, WaitsForANewKeyFrameWithoutAnInstantStart) {
    test::SceneSetup setup;
    setup.settings.instant_start = false;
    Scene scene(setup);
    scene.frames(10, 25);
    scene.pass();
    EXPECT_TRUE(scene.video().empty());
    EXPECT_FALSE(scene.viewer->take_key_frame_wish());
    scene.frame(true);
    scene.pass_until(scene.now + 100ms);
    EXPECT_EQ(scene.video().size(), 20U);
}

TEST(Viewer, ReadsOnAcrossTheWrapOfTheSequenceNumber) {
    Scene scene({.audio = false});
    scene.frame(true, 2);  // within a burst: what follows is live
    scene.pass();
    // From below 2^15 to beyond 2^16, whatever the first number is.
    while (scene.packets.size() < 70'000) {
        scene.frame(false, 100);
        scene.pass();
    }
    expect_gap_free(scene.video());
    EXPECT_EQ(scene.unread, 0U);
}

TEST(Viewer, GoesOnWhereAFullArenaStoppedIt) {
    test::SceneSetup setup;
    setup.arena = 6000;
    Scene scene(setup);
    scene.frame(true);
    scene.pass_until(scene.now + 200ms);
    scene.times_full = 0;
    scene.packets.clear();
    scene.frame(false, 50);
    scene.pass();
    EXPECT_GE(scene.times_full, 9U);
    expect_gap_free(scene.video());
    EXPECT_EQ(scene.video().size(), 50U);
}

TEST(Viewer, GoesOnAtAKeyFrameWithoutAGapWhereTheRingMovedOn) {
    Scene scene({.limits = {.packets = 200}});
    scene.frames(10, 25);
    scene.pass_until(scene.now + 500ms);
    const std::size_t before = scene.video().size();
    scene.frames(90, 25);
    scene.pass_until(scene.now + 500ms);
    const auto video = scene.video();
    ASSERT_GT(video.size(), before);
    EXPECT_EQ(video.at(before).sequence, (video.at(before - 1).sequence + 1) % 0x10000);
    EXPECT_EQ(video.at(before).payload.at(0), 0x4b);
    EXPECT_EQ(video.at(before).timestamp, scene.video_ring.newest_key_frame()->timestamp)
        << "timestamps are the stream's";
    EXPECT_GE(scene.viewer->stats(scene.now).restarts, 1U);
    EXPECT_EQ(scene.unread, 0U);
}

TEST(Viewer, WishesForAKeyFrameWhereTheRingMovedOnAndHasNone) {
    Scene scene({.limits = {.packets = 100}});
    scene.frame(true);
    scene.pass_until(scene.now + 500ms);
    const std::size_t before = scene.video().size();
    for (int i = 0; i < 60; ++i) scene.frame(false);
    scene.pass_until(scene.now + 100ms);
    EXPECT_TRUE(scene.viewer->take_key_frame_wish());
    EXPECT_EQ(scene.video().size(), before);
    scene.frame(true);
    scene.pass_until(scene.now + 500ms);
    const auto video = scene.video();
    EXPECT_EQ(video.size(), before + 20);
    EXPECT_EQ(video.at(before).sequence, (video.at(before - 1).sequence + 1) % 0x10000);
}

TEST(Viewer, IsToldThePlayoutDelayAndItsSection) {
    test::SceneSetup setup;
    setup.settings.playout_delay = {.least = 0ms, .most = 100ms};
    Scene scene(setup);
    scene.frame(true);
    scene.pass();
    const auto extensions = scene.video().at(0).extensions;
    EXPECT_EQ(extensions.at(test::kPlayoutDelayId), (Bytes{0, 0, 10}));
    EXPECT_EQ(extensions.at(1), Bytes{'0'});
}

TEST(Viewer, IsToldTheTimeOfBothTracksFastAtFirstAndThenEverySecond) {
    Scene scene;
    auto play = [&](int frames) {
        for (int i = 0; i < frames; ++i) {
            scene.frame(i % 25 == 0);
            scene.pass_until(scene.now + 1ms);
        }
    };
    play(50);
    const std::size_t first = scene.reports.size();
    ASSERT_GE(first, 14U);
    play(100);
    ASSERT_GE(scene.reports.size() - first, 6U);
    ASSERT_LE(scene.reports.size() - first, 12U);
    for (std::size_t i = 0; i + 1 < scene.reports.size(); i += 2) {
        const auto& video = scene.reports[i];
        const auto& audio = scene.reports[i + 1];
        EXPECT_EQ(video.ssrc, kVideoSsrc);
        EXPECT_EQ(audio.ssrc, kAudioSsrc);
        EXPECT_EQ(video.ntp, audio.ntp);
        // The same running time, told by either track.
        const auto video_ticks = video.timestamp - scene.stream.video.clock_offset;
        const auto audio_ticks = audio.timestamp - scene.stream.audio.clock_offset;
        EXPECT_NEAR(video_ticks / 90'000.0, audio_ticks / 48'000.0, 0.0001);
    }
    const auto& last = scene.reports.at(scene.reports.size() - 2);
    EXPECT_EQ(last.octets, last.packets * 1000U);
    EXPECT_GT(last.packets, 300U);
}

TEST(Viewer, HasOnlyToKeepUrgentDeadlinesToTheMillisecond) {
    Scene scene;
    scene.frames(30, 60);
    EXPECT_EQ(scene.viewer->urgent_deadline(), kNever);
    SendArena arena;
    ASSERT_EQ(scene.viewer->send(scene.stream, scene.now, {}, arena), Viewer::Pass::done);
    EXPECT_GT(scene.viewer->urgent_deadline(), scene.now) << "it catches up, at a pace";
    scene.pass_until(scene.now + 900ms);
    EXPECT_EQ(scene.viewer->urgent_deadline(), kNever) << "it has caught up";
    EXPECT_NE(scene.viewer->deadline(), kNever) << "it is owed a report";
}

TEST(Viewer, OfSoundAloneStartsAtOnce) {
    Scene scene;
    scene.stream.rungs.close(0);
    scene.frames(10, 25);
    scene.pass();
    EXPECT_EQ(scene.of(kAudioSsrc).size(), 1U);
    EXPECT_TRUE(scene.video().empty());
    EXPECT_EQ(scene.viewer->deadline(), scene.now + ViewerSettings().first_report_every);
}

}  // namespace
}  // namespace millrace::webrtc
