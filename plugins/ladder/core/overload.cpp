// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/core/overload.hpp"

#include <algorithm>

namespace millrace::ladder {

namespace {

constexpr int kLateFrames = 3;

}  // namespace

void Overload::report(std::size_t rung, Duration lag, Duration frame, TimePoint now) {
    if (keep(rung) == Keep::none) return;  // what was on its way when it was given up
    const Duration late = std::max<Duration>(limits_.late, kLateFrames * frame);
    lags_[rung] = {.late = lag > late, .fast = lag < late / 2};
    const bool any_late = std::any_of(lags_.begin(), lags_.end(), [](const Lag& each) { return each.late; });
    const bool all_fast = std::all_of(lags_.begin(), lags_.end(), [](const Lag& each) { return each.fast; });
    late_since_ = any_late ? std::min(late_since_, now) : kNever;
    fast_since_ = all_fast ? std::min(fast_since_, now) : kNever;
}

Overload::Change Overload::update(TimePoint now) {
    if (level_ > 0 && now - changed_ < limits_.settle) return Change::none;
    if (late_since_ != kNever && now - late_since_ >= limits_.insist && level_ < highest_level()) {
        // What was taken back too early is not tried again as soon.
        const bool too_early = took_back_ && now - changed_ < limits_.longest_calm;
        calm_ = too_early ? std::min(2 * calm_, limits_.longest_calm) : took_back_ ? limits_.calm : calm_;
        return go(level_ + 1, now);
    }
    const bool calm = fast_since_ != kNever && now - std::max(fast_since_, changed_) >= calm_;
    if (level_ > 0 && calm) return go(level_ - 1, now);
    return Change::none;
}

Overload::Change Overload::go(std::size_t level, TimePoint now) {
    took_back_ = level < level_;
    level_ = level;
    changed_ = now;
    late_since_ = fast_since_ = kNever;
    // A rung that makes nothing any more has nothing to report.
    for (std::size_t i = 0; i < lags_.size(); ++i)
        if (keep(i) == Keep::none) lags_[i] = {};
    return took_back_ ? Change::more : Change::less;
}

Keep Overload::keep(std::size_t rung) const {
    if (level_ >= 2 * rung + 2) return Keep::none;
    return level_ == 2 * rung + 1 ? Keep::half : Keep::all;
}

}  // namespace millrace::ladder
