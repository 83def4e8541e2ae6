// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/pacer.hpp"

#include <algorithm>

namespace millrace::webrtc {

void Pacer::follow(std::uint64_t stream_bytes_per_second) {
    rate_ = std::max({stream_bytes_per_second * limits_.times, limits_.least, std::uint64_t{1}});
    burst_ = limits_.burst;
}

void Pacer::keep_to(std::uint64_t bytes_per_second) {
    constexpr std::size_t kFewPackets = 3'600;
    rate_ = std::max(bytes_per_second, std::uint64_t{1});
    burst_ = std::min(limits_.burst, kFewPackets);
}

Duration Pacer::time_of(std::size_t bytes) const {
    return Duration(static_cast<std::int64_t>(std::uint64_t{bytes} * 1'000'000'000 / rate_));
}

void Pacer::on_sent(std::size_t bytes, TimePoint now) {
    // What was not sent in time is saved up to a burst, and no more.
    free_at_ = std::max(free_at_, now - time_of(burst_)) + time_of(bytes);
}

TimePoint Pacer::ready_at() const {
    return free_at_ + time_of(burst_) / 2;
}

}  // namespace millrace::webrtc
