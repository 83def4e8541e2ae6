// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/sync_clock.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace millrace::webrtc {
namespace {

constexpr std::size_t kAudio = 0;
constexpr std::size_t kVideo = 1;

NtpTime ntp(Duration time) {
    return to_ntp(UnixTime{1'700'000'000'000'000'000} + time);
}

// A publisher whose tracks are captured at the same time, and how long each is on its way.
struct Publisher {
    SyncClock clock{{48000, 90000}};
    std::uint32_t audio_offset = 0xfffff000;  // wraps at once
    std::uint32_t video_offset = 12345;
    Duration audio_way = 30ms;
    Duration video_way = 30ms;
    double speed = 1;  // of its clock

    std::uint32_t audio_at(Duration time) const { return audio_offset + ticks(time, 48000); }
    std::uint32_t video_at(Duration time) const { return video_offset + ticks(time, 90000); }
    std::uint32_t ticks(Duration time, double rate) const {
        return static_cast<std::uint32_t>(
            static_cast<std::int64_t>(std::llround(std::chrono::duration<double>(time).count() * speed * rate)));
    }
    Duration audio(Duration time) { return clock.map(kAudio, audio_at(time), time + audio_way); }
    Duration video(Duration time) { return clock.map(kVideo, video_at(time), time + video_way); }
    void report(Duration time, Duration video_apart = {}) {
        clock.on_sender_time(kAudio, audio_at(time), ntp(time));
        clock.on_sender_time(kVideo, video_at(time), ntp(time + video_apart));
    }
    // How much later than sound of the same time the picture is.
    Duration run(Duration from, Duration to, bool reports = true) {
        Duration apart{};
        for (Duration time = from; time < to; time += 20ms) {
            if (reports && time % 1s == 0ms) report(time);
            const Duration sound = audio(time);
            apart = video(time) - sound;
        }
        return apart;
    }
};

void expect_near(Duration a, Duration b, Duration apart) {
    EXPECT_LE(std::chrono::abs(a - b), apart) << a.count() / 1e6 << " ms and " << b.count() / 1e6 << " ms";
}

TEST(SyncClock, BeginsEachTrackAtItsArrival) {
    SyncClock clock({48000, 90000});
    EXPECT_EQ(clock.map(kAudio, 777, 5s), 5s);
    EXPECT_EQ(clock.map(kVideo, 3, 6s), 6s);
    EXPECT_EQ(clock.map(kAudio, 777 + 960, 5s + 90ms), 5s + 20ms);  // by its own clock, not by when it came
    EXPECT_EQ(clock.map(kVideo, 3 + 9000, 6s), 6s + 100ms);
}

// What an encoder owed when it began comes in a burst.
TEST(SyncClock, BeginsAtTheQuickestOfThoseThatWereAwaited) {
    SyncClock clock({48000, 90000});
    for (std::uint32_t frame = 0; frame < 20; ++frame)
        clock.await(kVideo, 5000 + frame * 3000, 5s + 700ms + std::min(frame, 10U) * 1ms);
    // The last of them is 19/30 s after the first.
    expect_near(clock.map(kVideo, 5000, 5s + 700ms), 5s + 710ms - 633333333ns, 1us);
    expect_near(clock.map(kVideo, 8000, 5s + 701ms), 5s + 710ms - 600ms, 1us);
    EXPECT_EQ(clock.restarts(kVideo), 0U);
}

TEST(SyncClock, IsNotToldByAwaitedTimestampsOfAnotherClock) {
    SyncClock clock({48000, 90000});
    clock.await(kVideo, 5000, 5s);
    clock.await(kVideo, 5000 + 90000 * 60, 5s);
    EXPECT_EQ(clock.map(kVideo, 5000, 5s), 5s);
}

// Who published the stream before was further than the clock is.
TEST(SyncClock, BeginsWhereTheStreamIsAndKeepsTheTracksDistance) {
    SyncClock clock({48000, 90000}, 5s + 200ms);
    EXPECT_EQ(clock.map(kAudio, 777, 5s), 5s + 200ms);
    EXPECT_EQ(clock.map(kVideo, 3, 5s + 30ms), 5s + 230ms);
    EXPECT_EQ(clock.map(kVideo, 3 + 9000, 5s + 130ms), 5s + 330ms);
    // A jump is no reason to be behind it either.
    EXPECT_EQ(clock.map(kVideo, 3 + 90'000'000, 5s + 140ms), 5s + 340ms);
    EXPECT_EQ(clock.map(kVideo, 3 + 90'009'000, 5s + 240ms), 5s + 440ms);
}

// Each has a thread of its own until here.
TEST(SyncClock, BeginsWhereTheStreamIsAlsoForWhatArrivedBeforeTheFirstThatIsMapped) {
    SyncClock clock({48000, 90000}, 5s + 200ms);
    EXPECT_EQ(clock.map(kAudio, 777, 5s), 5s + 200ms);
    EXPECT_EQ(clock.map(kVideo, 3, 5s - 1ms), 5s + 200ms);
}

TEST(SyncClock, HasNoLeadOnAClockThatIsFurtherThanTheStream) {
    SyncClock clock({48000, 90000}, 5s);
    EXPECT_EQ(clock.map(kAudio, 777, 6s), 6s);
    EXPECT_EQ(clock.map(kVideo, 3, 6s + 30ms), 6s + 30ms);
}

TEST(SyncClock, GivesOneFrameOneTimeAndTheNextALaterOne) {
    SyncClock clock({90000});
    Duration before = clock.map(0, 0xffffff00, 1s);
    for (std::uint32_t i = 1; i < 1000; ++i) {
        const std::uint32_t timestamp = 0xffffff00 + i * 30;  // wraps
        const Duration time = clock.map(0, timestamp, 1s + i * 333us);
        EXPECT_GT(time, before);
        EXPECT_EQ(clock.map(0, timestamp, 1s + i * 333us + 20ms), time);
        before = time;
    }
}

TEST(SyncClock, NeverGoesBackForWhatWasOvertaken) {
    SyncClock clock({90000});
    clock.map(0, 0, 1s);
    const Duration later = clock.map(0, 9000, 1100ms);
    EXPECT_EQ(clock.map(0, 6000, 1101ms), later);
    EXPECT_GT(clock.map(0, 7000, 1102ms), later);  // newer than the one before
    EXPECT_GE(clock.map(0, 9000, 1103ms), later);
    expect_near(clock.map(0, 12000, 1134ms), 1s + 133333333ns, 1us);
    EXPECT_EQ(clock.restarts(0), 0U);
}

TEST(SyncClock, AlignsSoundAndPictureByTheSendersReports) {
    Publisher publisher;
    publisher.video_way = 100ms;  // 70 later than the sound
    EXPECT_EQ(publisher.run(1s, 2s, false), 70ms);
    EXPECT_FALSE(publisher.clock.is_synchronized(kVideo));
    publisher.run(2s, 5s);
    EXPECT_TRUE(publisher.clock.is_synchronized(kVideo));
    expect_near(publisher.run(5s, 6s), 0ms, 100us);
    // And nothing is later than its time, but for what is measured in a window.
    expect_near(publisher.run(6s, 40s), 0ms, 100us);
    expect_near(publisher.video(40s), 40s + 100ms, 1ms);
}

TEST(SyncClock, SlewsASmallOffsetByATwentiethOfTheTime) {
    Publisher publisher;
    publisher.video_way = 100ms;
    publisher.run(1s, 2s, false);
    publisher.report(2s);
    Duration before = publisher.video(2s);
    for (Duration time = 2s + 20ms; time < 4s; time += 20ms) {
        const Duration now = publisher.video(time);
        EXPECT_GE(now - before, 19ms - 1us);
        EXPECT_LE(now - before, 21ms + 1us);
        before = now;
    }
}

TEST(SyncClock, StepsALargeOffsetForwardWhicheverTrackIsBehind) {
    for (const bool video_is_late : {true, false}) {
        Publisher publisher;
        (video_is_late ? publisher.video_way : publisher.audio_way) = 530ms;
        publisher.run(1s, 2s, false);
        publisher.report(2s);
        const Duration sound = publisher.audio(2s);
        const Duration picture = publisher.video(2s);
        expect_near(picture, sound, 100us);
        expect_near(picture, 2s + 530ms, 1ms);  // where the later one was
        expect_near(publisher.run(2s + 20ms, 60s), 0ms, 100us);
        expect_near(publisher.video(60s), 60s + 530ms, 1ms);
    }
}

TEST(SyncClock, DoesNotBelieveReportsThatTearTheTracksApart) {
    Publisher publisher;
    publisher.run(1s, 3s);
    const Duration before = publisher.video(3s);
    for (Duration apart : {Duration(3s), Duration(-3s), Duration(24h * 365 * 60)}) {
        publisher.report(3s, apart);
        EXPECT_FALSE(publisher.clock.is_synchronized(kVideo));
    }
    EXPECT_GE(publisher.clock.odd_reports(), 3U);
    expect_near(publisher.video(3s + 20ms), before + 20ms, 2ms);
}

TEST(SyncClock, DoesNotBelieveReportsWhoseTimeRunsAwayFromWhatIsSent) {
    Publisher publisher;
    publisher.run(0ms, 1s, false);
    for (Duration time = 1s; time < 20s; time += 500ms) {
        publisher.clock.on_sender_time(kAudio, publisher.audio_at(3 * time), ntp(time));
        publisher.clock.on_sender_time(kVideo, publisher.video_at(2 * time), ntp(time));
        expect_near(publisher.run(time, time + 500ms, false), 0ms, 1ms);
    }
    EXPECT_EQ(publisher.clock.odd_reports(), 76U);
}

TEST(SyncClock, BelievesAPictureThatRestsAtItsSecondReport) {
    Publisher publisher;
    publisher.video_way = 330ms;
    publisher.run(0ms, 20ms, false);
    for (Duration time = 0ms; time < 3s; time += 20ms) publisher.audio(time);
    publisher.report(2s);
    EXPECT_FALSE(publisher.clock.is_synchronized(kVideo));
    publisher.report(3s);
    EXPECT_TRUE(publisher.clock.is_synchronized(kVideo));
    expect_near(publisher.video(3s), publisher.audio(3s), 1ms);
}

TEST(SyncClock, RestartsAtArrivalWhereTheClockJumps) {
    Publisher publisher;
    publisher.run(1s, 3s);
    publisher.video_offset += 90000 * 100;
    const Duration time = publisher.video(3s);
    expect_near(time, 3s + 30ms, 1ms);
    EXPECT_EQ(publisher.clock.restarts(kVideo), 1U);
    EXPECT_TRUE(publisher.clock.take_discontinuity(kVideo));
    EXPECT_FALSE(publisher.clock.take_discontinuity(kVideo));
    EXPECT_FALSE(publisher.clock.is_synchronized(kVideo));
    publisher.video_offset -= 90000 * 50;
    EXPECT_GT(publisher.video(3s + 20ms), time);
    EXPECT_EQ(publisher.clock.restarts(kVideo), 2U);
    publisher.audio_offset += 48000 * 10;
    publisher.run(3s + 40ms, 5s);
    EXPECT_EQ(publisher.clock.restarts(kAudio), 1U);
    EXPECT_TRUE(publisher.clock.is_synchronized(kVideo));
}

TEST(SyncClock, RestartsBehindASilenceOfTheWay) {
    Publisher publisher;
    publisher.run(1s, 3s);
    // What was held up for four seconds comes at once; its time is when it came, and then goes on from there.
    const Duration held = publisher.clock.map(kVideo, publisher.video_at(3s), 7s);
    EXPECT_EQ(held, 7s);
    EXPECT_GT(publisher.clock.map(kVideo, publisher.video_at(3s + 33ms), 7s), held);
}

TEST(SyncClock, KeepsToArrivalForHoursWhateverThePublishersClock) {
    for (const double ppm : {100.0, -100.0}) {
        for (const bool reports : {true, false}) {
            Publisher publisher;
            publisher.speed = 1 + ppm * 1e-6;
            Duration before{};
            for (Duration time = 1s; time < 1h; time += 20ms) {
                if (reports && time % 1s == 0ms) publisher.report(time);
                const Duration jitter = std::chrono::microseconds(time / 20ms * 7919 % 10000);
                const Duration sound = publisher.clock.map(kAudio, publisher.audio_at(time), time + 30ms + jitter);
                const Duration picture = publisher.video(time);
                ASSERT_GT(sound, before);
                before = sound;
                if (time < 30s) continue;
                ASSERT_LE(std::chrono::abs(sound - time - 30ms), 5ms) << time.count();
                ASSERT_LE(std::chrono::abs(picture - time - 30ms), 5ms) << time.count();
            }
            EXPECT_NEAR(publisher.clock.drift_ppm(kAudio), ppm, 5);
            EXPECT_NEAR(publisher.clock.drift_ppm(kVideo), ppm, 5);
            EXPECT_EQ(publisher.clock.restarts(kAudio), 0U);
        }
    }
}

TEST(SyncClock, ForgetsThatTheFirstPacketWasHeldUp) {
    Publisher publisher;
    publisher.clock.map(kAudio, publisher.audio_at(1s), 1s + 180ms);
    for (Duration time = 1s + 20ms; time < 20s; time += 20ms) publisher.audio(time);
    expect_near(publisher.audio(20s), 20s + 30ms, 1ms);
}

// An encoder that takes its time over the first picture; the tracks go back to the clock together and without a step.
TEST(SyncClock, ForgetsItForAlignedTracksToo) {
    Publisher publisher;
    publisher.audio_way = publisher.video_way = 900ms;
    publisher.audio(1s);
    publisher.video(1s);
    publisher.audio_way = publisher.video_way = 30ms;
    Duration sound = publisher.audio(1s + 20ms);
    Duration picture = publisher.video(1s + 20ms);
    for (Duration time = 1s + 40ms; time < 60s; time += 20ms) {
        if (time % 1s == 0ms) publisher.report(time);
        const Duration next_sound = publisher.audio(time);
        const Duration next_picture = publisher.video(time);
        ASSERT_LE(next_sound - sound, 21ms + 1us) << time.count();
        ASSERT_LE(next_picture - picture, 21ms + 1us) << time.count();
        sound = next_sound;
        picture = next_picture;
    }
    expect_near(sound, picture, 100us);
    expect_near(publisher.video(60s), 60s + 30ms, 1ms);
}

TEST(SyncClock, KeepsItsOrderWhateverComes) {
    SyncClock clock({90000, 48000, 1, 0xffffffff, 0}, 2s);
    for (std::size_t track = 0; track < 5; ++track) clock.await(track, 0x9000'0000, 900ms);
    std::uint64_t state = 1;
    auto next = [&state] { return state = state * 6364136223846793005U + 1442695040888963407U, state >> 33; };
    std::array<Duration, 5> before{};
    Duration arrived = 1s;
    for (int i = 0; i < 200'000; ++i) {
        const std::size_t track = next() % 5;
        const auto timestamp = static_cast<std::uint32_t>(next() % 3 == 0 ? next() * 3 : i * 900);
        if (next() % 10 == 0) clock.on_sender_time(track, timestamp, NtpTime{next() << (next() % 34)});
        arrived += Duration(static_cast<std::int64_t>(next() % 3'000'000));
        if (next() % 4 == 0) clock.await(track, static_cast<std::uint32_t>(next() * 3), arrived);
        const Duration time = clock.map(track, timestamp, arrived);
        ASSERT_GE(time, before[track]);
        before[track] = time;
    }
}

}  // namespace
}  // namespace millrace::webrtc
