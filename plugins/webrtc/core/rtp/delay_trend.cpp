// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/delay_trend.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

constexpr Duration kOneBurst = 5ms;
constexpr Duration kStretch = 15s;
constexpr std::size_t kLast = 4;  // bursts that tell a trend: sound comes in between, and waits as long
constexpr Duration kLastSpan = 50ms;
constexpr Duration kLong = 1s;

}  // namespace

Duration DelayTrend::above_quickest(TimePoint sent, Duration way) {
    if (!quickest_ || sent - stretch_began_ > kStretch) {
        quickest_before_ = quickest_;
        quickest_ = way;
        stretch_began_ = sent;
    }
    quickest_ = std::min(*quickest_, way);
    return way - std::min(*quickest_, quickest_before_.value_or(*quickest_));
}

void DelayTrend::on_packet(TimePoint sent, Duration arrived, bool judged) {
    const Duration queued = above_quickest(sent, arrived - sent.time_since_epoch());
    if (!judged || (count_ > 0 && sent - burst(0).sent < kOneBurst)) return;
    at_ = (at_ + 1) % kBursts;
    bursts_[at_] = {sent, queued};
    count_ = std::min(count_ + 1, kBursts);
}

bool DelayTrend::grows_above(Duration level) const {
    if (count_ < kLast || burst(0).sent - burst(kLast - 1).sent < kLastSpan) return false;
    for (std::size_t ago = 0; ago < kLast; ++ago)
        if (burst(ago).queued < level) return false;
    return burst(0).queued > burst(kLast - 1).queued;
}

bool DelayTrend::rises_above(Duration level) const {
    return count_ >= 2 && burst(0).queued > level && burst(0).queued > burst(1).queued;
}

Duration DelayTrend::standing() const {
    Duration least = queued();
    for (std::size_t ago = 1; ago < std::min(count_, kLast); ++ago) least = std::min(least, burst(ago).queued);
    return least;
}

bool DelayTrend::stays_above(Duration level) const {
    for (std::size_t ago = 0; ago < count_; ++ago) {
        if (burst(ago).queued < level) return false;
        if (burst(0).sent - burst(ago).sent >= kLong) return true;
    }
    return false;
}

}  // namespace millrace::webrtc
