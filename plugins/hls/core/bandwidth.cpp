// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/bandwidth.hpp"

#include <algorithm>
#include <cmath>

namespace millrace::hls {

namespace {

double bits_per_second(std::size_t bytes, Duration length) {
    return 8e9 * static_cast<double>(bytes) / static_cast<double>(std::max<std::int64_t>(length.count(), 1));
}

// Up to a whole kbit/s, so that the multivariant playlist does not change with every segment.
std::uint64_t rounded_up(double rate) {
    return static_cast<std::uint64_t>(std::ceil(rate / 1000.0)) * 1000;
}

}  // namespace

void BandwidthMeter::add_segment(std::size_t bytes, Duration length) {
    if (bytes == 0 || length <= Duration(0)) return;
    total_.bytes += bytes;
    total_.length += length;

    const Duration longest = target_ * 3 / 2 + 500ms;
    recent_.push_back({bytes, length});
    Measured run;
    std::size_t kept = 0;
    for (auto it = recent_.rbegin(); it != recent_.rend(); ++it) {
        if (run.length + it->length > longest && kept > 0) break;
        run.bytes += it->bytes;
        run.length += it->length;
        ++kept;
        if (run.length >= target_ / 2) peak_ = std::max(peak_, bits_per_second(run.bytes, run.length));
    }
    while (recent_.size() > kept) recent_.pop_front();
}

BitRate BandwidthMeter::rate() const {
    const double average = total_.bytes > 0 ? bits_per_second(total_.bytes, total_.length) : 0;
    const double announced = declared_ > 0 ? static_cast<double>(declared_) : average;
    return {std::max<std::uint64_t>(rounded_up(std::max(peak_, announced)), 1000),
            std::max<std::uint64_t>(rounded_up(announced), 1000)};
}

}  // namespace millrace::hls
