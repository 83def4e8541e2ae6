// SPDX-License-Identifier: LGPL-2.1-or-later
// Time as an argument. A core is told what time it is; nothing here can read a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace millrace {

using namespace std::chrono_literals;

using Duration = std::chrono::nanoseconds;

// A monotonic point in time. The type has no now(): only common/net and the elements know one.
struct MonotonicTime {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = Duration;
    using time_point = std::chrono::time_point<MonotonicTime>;
    static constexpr bool is_steady = true;
};
using TimePoint = MonotonicTime::time_point;

inline constexpr TimePoint kNever = TimePoint::max();

// Wall-clock time since the Unix epoch, for EXT-X-PROGRAM-DATE-TIME and Date headers.
struct UnixTime {
    std::int64_t nanoseconds = 0;
    auto operator<=>(const UnixTime&) const = default;
};

inline UnixTime operator+(UnixTime time, Duration by) {
    return {time.nanoseconds + by.count()};
}
inline Duration operator-(UnixTime a, UnixTime b) {
    return Duration(a.nanoseconds - b.nanoseconds);
}

}  // namespace millrace
