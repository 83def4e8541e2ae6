// SPDX-License-Identifier: LGPL-2.1-or-later
// Conversions between nanoseconds, ticks of a timescale and the 1/100000 s that playlists print. Exact, never drifting.
#pragma once

#include <cstdint>

#include "common/base/time.hpp"

namespace millrace::hls {

__extension__ using Wide = __int128;

inline constexpr std::int64_t kPrinted = 100000;  // playlists print five decimals

inline std::int64_t divide_down(Wide value, std::int64_t by) {
    const Wide quotient = value / by;
    return static_cast<std::int64_t>(value % by < 0 ? quotient - 1 : quotient);
}
inline std::int64_t divide_nearest(Wide value, std::int64_t by) {
    return divide_down(value + by / 2, by);
}
inline std::int64_t divide_up(Wide value, std::int64_t by) {
    return divide_down(value + by - 1, by);
}

inline std::int64_t ticks_of(Duration time, std::uint32_t timescale) {
    return divide_nearest(static_cast<Wide>(time.count()) * timescale, 1'000'000'000);
}
inline std::int64_t ticks_up(Duration time, std::uint32_t timescale) {
    return divide_up(static_cast<Wide>(time.count()) * timescale, 1'000'000'000);
}
inline Duration duration_of(std::int64_t ticks, std::uint32_t timescale) {
    return Duration(divide_nearest(static_cast<Wide>(ticks) * 1'000'000'000, timescale));
}
inline std::int64_t printed_of(std::int64_t ticks, std::uint32_t timescale) {
    return divide_nearest(static_cast<Wide>(ticks) * kPrinted, timescale);
}

}  // namespace millrace::hls
