// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/backoff.hpp"

#include <gtest/gtest.h>

namespace millrace::launcher {
namespace {

TEST(Backoff, DoublesFromOneSecondToThirty) {
    Backoff backoff;
    TimePoint now{};
    for (Duration expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) EXPECT_EQ(backoff.failed(now), Duration(expected));
}

TEST(Backoff, StartsOverAfterAHealthyMinute) {
    Backoff backoff;
    TimePoint now{};
    backoff.failed(now);
    backoff.failed(now);
    backoff.healthy(now);
    EXPECT_EQ(backoff.failed(now + 59s), Duration(4s)) << "less than a minute is not healthy";
    backoff.healthy(now);
    EXPECT_EQ(backoff.failed(now + 60s), Duration(1s));
    EXPECT_EQ(backoff.failed(now + 120s), Duration(2s)) << "that minute was counted once";
}

}  // namespace
}  // namespace millrace::launcher
