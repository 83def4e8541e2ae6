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

// Packets of 1250 bytes, one each 10 ms: 1 Mbit/s.
void deliver(ReceiverEstimate& estimate, unsigned from, unsigned to, unsigned every, Duration clock) {
    TransportFeedback feedback;
    for (unsigned i = from; i < to; ++i) {
        auto sequence = static_cast<std::uint16_t>(i);
        estimate.on_sent(sequence, 1250);
        if (i % every == 0) feedback.arrivals.push_back({sequence, clock + i * 10ms});
    }
    estimate.on_feedback(feedback);
    estimate.on_feedback(feedback);  // said twice is counted once
}

TEST(ReceiverEstimate, MeasuresWhatArrives) {
    ReceiverEstimate estimate;
    estimate.on_feedback({});
    EXPECT_EQ(estimate.delivered_bits_per_second(), std::nullopt);
    for (unsigned i = 65000; i < 66000; i += 10) deliver(estimate, i, i + 10, 1, 0s);
    EXPECT_EQ(estimate.delivered_bits_per_second(), 1'000'000U);
    for (unsigned i = 66000; i < 67000; i += 10) deliver(estimate, i, i + 10, 2, 0s);
    EXPECT_EQ(estimate.delivered_bits_per_second(), 500'000U);
}

TEST(ReceiverEstimate, BeginsAnewWhenTheReceiversClockJumps) {
    ReceiverEstimate estimate;
    for (unsigned i = 0; i < 200; i += 10) deliver(estimate, i, i + 10, 1, 0s);
    for (unsigned i = 200; i < 400; i += 10) deliver(estimate, i, i + 10, 1, -500h);
    EXPECT_EQ(estimate.delivered_bits_per_second(), 1'000'000U);
    for (unsigned i = 400; i < 600; i += 10) deliver(estimate, i, i + 10, 1, 500h);
    EXPECT_EQ(estimate.delivered_bits_per_second(), 1'000'000U);
}

}  // namespace
}  // namespace millrace::webrtc
