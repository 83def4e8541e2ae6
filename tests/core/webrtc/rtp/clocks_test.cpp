// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "webrtc/core/rtp/send_clock.hpp"

namespace millrace::webrtc {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(NtpTime, IsSecondsSince1900) {
    EXPECT_EQ(to_ntp({0}).value, 2'208'988'800ULL << 32);
    EXPECT_EQ(to_ntp({kSecond / 2}).value, (2'208'988'800ULL << 32) + (1ULL << 31));
    EXPECT_EQ(to_ntp({-kSecond / 4}).value, (2'208'988'800ULL << 32) - (1ULL << 30));
    EXPECT_EQ(to_ntp({0}).compact(), (2'208'988'800ULL & 0xffff) << 16);
    EXPECT_EQ(from_compact_ntp(1U << 15), 500ms);
}

TEST(RtpClock, CountsAtTheTracksRateAndWraps) {
    RtpClock video(90000, 100);
    EXPECT_EQ(video.timestamp(0s), 100U);
    EXPECT_EQ(video.timestamp(1s), 90100U);
    EXPECT_EQ(video.timestamp(Duration(33'333'333)), 3100U);
    EXPECT_EQ(video.timestamp(-1s), 100U - 90000U);
    // Four years later it is still exact.
    EXPECT_EQ(video.timestamp(35000h), static_cast<std::uint32_t>(35000ULL * 3600 * 90000 + 100));
    RtpClock audio(48000, 0xffffffff);
    EXPECT_EQ(audio.timestamp(20ms), 959U);
}

// What a receiver does with the reports of two tracks gives back the running time of each.
TEST(SendClock, TracksReportedAtDifferentTimesStayInTime) {
    SendClock clock(5s, {1'700'000'000 * kSecond});
    RtpClock video(90000, 12345);
    RtpClock audio(48000, 4000000000U);
    auto played_at = [](NtpTime ntp, std::uint32_t reported, std::uint32_t timestamp, double rate) {
        return static_cast<double>(ntp.value) / 4294967296.0 + static_cast<std::int32_t>(timestamp - reported) / rate;
    };
    Duration frame = 12s + 345ms;
    double of_video = played_at(clock.ntp(12s), video.timestamp(12s), video.timestamp(frame), 90000);
    double of_audio = played_at(clock.ntp(13s), audio.timestamp(13s), audio.timestamp(frame), 48000);
    EXPECT_NEAR(of_video, of_audio, 0.0001);
    EXPECT_NEAR(of_video, 1'700'000'007.345 + 2'208'988'800, 0.0001);
}

}  // namespace
}  // namespace millrace::webrtc
