// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/timetable.hpp"

namespace millrace::hls {

const SegmentStart& Timetable::open(Duration at, UnixTime date_zero, bool discontinuity) {
    if (discontinuity) ++discontinuities_;
    starts_.push_back({next_msn_++, at, date_zero, discontinuity, discontinuities_});
    return starts_.back();
}

const SegmentStart* Timetable::find(std::uint64_t msn) const {
    if (starts_.empty() || msn < starts_.front().msn || msn > starts_.back().msn) return nullptr;
    return &starts_[msn - starts_.front().msn];
}

const SegmentStart* Timetable::at(Duration time, Duration tolerance) const {
    for (auto start = starts_.rbegin(); start != starts_.rend(); ++start) {
        if (std::chrono::abs(start->at - time) <= tolerance) return &*start;
    }
    return nullptr;
}

void Timetable::forget_before(std::uint64_t msn) {
    while (starts_.size() > 1 && starts_.front().msn < msn) starts_.pop_front();
}

}  // namespace millrace::hls
