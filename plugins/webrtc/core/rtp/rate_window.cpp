// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/rate_window.hpp"

#include <algorithm>
#include <numeric>

namespace millrace::webrtc {

namespace {

std::size_t place_of(std::int64_t bucket, std::size_t places) {
    const auto size = static_cast<std::int64_t>(places);
    return static_cast<std::size_t>(((bucket % size) + size) % size);
}

}  // namespace

void RateWindow::on_packet(std::size_t size, Duration arrived) {
    const std::int64_t bucket = arrived / bucket_;
    // Silence, or a clock that was set: what was measured before says nothing any more.
    if (!newest_ || bucket > *newest_ + 5 * kBuckets || bucket < *newest_ - kBuckets) {
        bytes_ = {};
        newest_ = first_ = bucket;
    }
    for (; *newest_ < bucket; ++*newest_) bytes_[place_of(*newest_ + 1, bytes_.size())] = 0;
    // One that was overtaken is as good as the newest.
    bytes_[place_of(*newest_, bytes_.size())] += static_cast<std::uint32_t>(size);
}

std::optional<std::uint64_t> RateWindow::bits_per_second() const {
    if (!newest_ || *newest_ - first_ < kBuckets) return std::nullopt;
    const auto all = std::accumulate(bytes_.begin(), bytes_.end(), std::uint64_t{0});
    const std::uint64_t whole = all - bytes_[place_of(*newest_, bytes_.size())];
    return whole * 8 * 1'000'000'000 / static_cast<std::uint64_t>((bucket_ * kBuckets).count());
}

}  // namespace millrace::webrtc
