// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/receiver_estimate.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

ReportBlock report(NtpTime last, Duration since, std::uint8_t lost = 0) {
    return {.fraction_lost = lost,
            .last_report = last.compact(),
            .since_last_report = static_cast<std::uint32_t>(since.count() * 65536 / kSecond)};
}

TEST(ReceiverEstimate, RoundTripIsWhatIsNotTheReceiversWaiting) {
    ReceiverEstimate estimate;
    EXPECT_EQ(estimate.round_trip(), 0s);
    NtpTime sent = to_ntp({100 * kSecond});
    estimate.on_report(report(sent, 300ms), to_ntp({100 * kSecond + 350'000'000}));
    EXPECT_NEAR(static_cast<double>(estimate.round_trip().count()), 50e6, 50e3);
    // One slow answer is an eighth of a change.
    estimate.on_report(report(sent, 300ms), to_ntp({100 * kSecond + 430'000'000}));
    EXPECT_NEAR(static_cast<double>(estimate.round_trip().count()), 60e6, 50e3);
}

// RFC 3550 6.4.1, figure 2.
TEST(ReceiverEstimate, AgreesWithTheExampleOfTheStandard) {
    ReceiverEstimate estimate;
    ReportBlock block{.last_report = 0xb7052000, .since_last_report = 0x00054000};
    estimate.on_report(block, {0xb44db7108000ULL << 16});
    // A = 0xb710:8000, so 0xb7108000 - 0xb7052000 - 0x00054000 = 0x00062000, 6.125 s.
    EXPECT_EQ(estimate.round_trip(), 6125ms);
}

TEST(ReceiverEstimate, WhatCannotBeARoundTripIsNone) {
    ReceiverEstimate estimate;
    NtpTime now = to_ntp({100 * kSecond});
    estimate.on_report({.fraction_lost = 64, .last_report = 0}, now);
    EXPECT_EQ(estimate.loss(), 0.25);
    estimate.on_report(report(now, 1s), now);  // waited longer than there was time
    estimate.on_report(report(to_ntp({50 * kSecond}), 0s), now);
    EXPECT_EQ(estimate.round_trip(), 0s);
    EXPECT_EQ(estimate.loss(), 0);
}

TEST(ReceiverEstimate, ABitrateIsForgottenWhenItIsOld) {
    ReceiverEstimate estimate;
    TimePoint now{5s};
    EXPECT_EQ(estimate.bits_per_second(now, 3s), std::nullopt);
    estimate.on_bitrate({2'500'000, {}}, now);
    EXPECT_EQ(estimate.bits_per_second(now + 3s, 3s), 2'500'000U);
    EXPECT_EQ(estimate.bits_per_second(now + 3s + 1ms, 3s), std::nullopt);
}

}  // namespace
}  // namespace millrace::webrtc
