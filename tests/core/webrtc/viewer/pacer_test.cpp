// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/pacer.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

const TimePoint kStart{10s};

std::size_t sent_until(Pacer& pacer, TimePoint end) {
    std::size_t bytes = 0;
    for (TimePoint now = kStart; now < end; now += 1ms) {
        while (pacer.may_send(now)) {
            pacer.on_sent(1200, now);
            bytes += 1200;
        }
    }
    return bytes;
}

TEST(Pacer, SendsAMultipleOfTheStreamsRateAndABurst) {
    Pacer pacer({.times = 5, .burst = 16'000, .least = 1});
    pacer.follow(300'000);
    const std::size_t bytes = sent_until(pacer, kStart + 1s);
    EXPECT_GE(bytes, 1'495'000U);
    EXPECT_LE(bytes, 1'500'000U + 16'000 + 2400);
}

TEST(Pacer, SendsTheLeastAsLongAsNoRateIsKnown) {
    Pacer pacer({.times = 5, .burst = 16'000, .least = 500'000});
    pacer.follow(0);
    EXPECT_LE(sent_until(pacer, kStart + 1s), 500'000U + 16'000 + 2400);
}

TEST(Pacer, SavesABurstAndNoMore) {
    Pacer pacer({.times = 5, .burst = 16'000, .least = 1'000'000});
    pacer.on_sent(1200, kStart);
    const TimePoint later = kStart + 1h;
    std::size_t bytes = 0;
    while (pacer.may_send(later)) {
        pacer.on_sent(1200, later);
        bytes += 1200;
    }
    EXPECT_LE(bytes, 16'000U + 1200);
    EXPECT_EQ((pacer.ready_at() - later) / 1ms, 8) << "half of the burst, and what was sent too much";
}

}  // namespace
}  // namespace millrace::webrtc
