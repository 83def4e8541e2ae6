// SPDX-License-Identifier: LGPL-2.1-or-later
// Wall-clock arithmetic, and a monotonic clock that nothing in a core can read.
#include "common/base/time.hpp"

#include <gtest/gtest.h>

namespace millrace {
namespace {

template <class Clock>
concept Readable = requires {
    Clock::now();
};

static_assert(!Readable<MonotonicTime>, "a core must be told the time");

TEST(UnixTime, DifferencesAndSumsAgree) {
    UnixTime start{1'700'000'000'000'000'000};
    UnixTime later = start + 1500ms;
    EXPECT_EQ(later - start, 1500ms);
    EXPECT_LT(start, later);
}

TEST(TimePoint, NeverComesAfterEverything) {
    EXPECT_GT(kNever, TimePoint{} + std::chrono::hours(24 * 365 * 100));
}

}  // namespace
}  // namespace millrace
