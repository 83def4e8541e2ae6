// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/frame_grid.hpp"

#include <algorithm>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

namespace {

// Twice the error of a timestamp rounded to milliseconds, once at each end.
constexpr Duration kVideoTolerance = 2ms;
// Audio is continuous by nature: a sender's clock may wander this far from its sample count before we follow it.
constexpr Duration kAudioTolerance = 15ms;
constexpr Duration kUnknownInterval = 33ms;  // until two frames have been seen
constexpr Duration kLongestInterval = 1s;    // nobody's frames are announced to last longer

}  // namespace

FrameGrid::FrameGrid(std::uint32_t timescale, codec::Kind kind, Cadence cadence)
    : timescale_(timescale), cadence_(cadence), nominal_(ticks_of(kUnknownInterval, timescale)) {
    if (cadence_.rate.known()) nominal_ = std::max<std::int64_t>(position(1), 1);
    const Duration wanted = kind == codec::Kind::audio ? kAudioTolerance : kVideoTolerance;
    tolerance_ = std::min(ticks_of(wanted, timescale), nominal_ * 9 / 20);
}

std::int64_t FrameGrid::position(std::int64_t index) const {
    return divide_nearest(static_cast<Wide>(index) * timescale_ * cadence_.rate.denominator, cadence_.rate.numerator);
}

std::int64_t FrameGrid::nearest_index(std::int64_t ticks) const {
    return divide_nearest(static_cast<Wide>(ticks) * cadence_.rate.numerator,
                          std::int64_t{timescale_} * cadence_.rate.denominator);
}

std::int64_t FrameGrid::snap(std::int64_t raw) {
    const bool first = !anchored_;
    anchored_ = true;
    if (!cadence_.regular) {
        const std::int64_t step = raw - previous_;
        const bool believable = step > 0 && step <= ticks_of(kLongestInterval, timescale_);
        if (!first && !cadence_.rate.known() && believable) nominal_ = step;
        previous_ = raw;
        return raw;
    }
    if (!first) {
        const std::int64_t index = std::max(nearest_index(raw - origin_), index_ + 1);
        const std::int64_t expected = origin_ + position(index);
        if (std::abs(raw - expected) <= tolerance_) {
            index_ = index;
            return expected;
        }
    }
    origin_ = raw;
    index_ = 0;
    return raw;
}

std::int64_t FrameGrid::snap_offset(std::int64_t raw) const {
    if (!cadence_.regular) return raw;
    const std::int64_t whole = position(nearest_index(raw));
    return std::abs(raw - whole) <= tolerance_ ? whole : raw;
}

}  // namespace millrace::hls
