// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/publisher_bitrate.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

constexpr Duration kQueueGrows = 60ms;
constexpr Duration kQueueStands = 250ms;
constexpr Duration kApart = 20ms;
constexpr Duration kSettles = 1s;  // what was said last is not in effect before

constexpr double kDrain = 0.85;  // of what gets through
constexpr double kManyLost = 0.1;
constexpr double kIsUsed = 0.6;        // of what was said
constexpr double kRise = 0.25;         // a second, before the first queue
constexpr double kCarefulRise = 0.08;  // afterwards

constexpr double kMostStep = 1.0;  // seconds; after a silence no more than that is risen by

// 24 bits, the sign brought to where it belongs.
std::int64_t difference(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>((a - b) << 8) >> 8;
}
std::uint64_t scaled(std::uint64_t rate, double by) {
    return static_cast<std::uint64_t>(static_cast<double>(rate) * by);
}

}  // namespace

PublisherBitrate::PublisherBitrate(std::uint64_t most)
    : most_(most == 0 ? kMost : most), rate_(std::min(kFirst, most_)) {}

void PublisherBitrate::on_packet(std::size_t size, std::optional<std::uint32_t> abs_send_time, TimePoint now) {
    arrives_.on_packet(size, now.time_since_epoch());
    if (!abs_send_time) return;
    if (newest_send_time_) sent_ += difference(*abs_send_time, *newest_send_time_);
    newest_send_time_ = abs_send_time;
    constexpr double kNanosecondsOfStep = 1e9 / (1 << 18);
    const auto sent = Duration(static_cast<std::int64_t>(static_cast<double>(sent_) * kNanosecondsOfStep));
    // A publisher that paces its frames sends all the time: a trend needs some distance between its points.
    const bool judged = !judged_at_ || sent - *judged_at_ >= kApart;
    if (judged) judged_at_ = sent;
    delay_.on_packet(TimePoint(sent), now.time_since_epoch(), judged);
}

void PublisherBitrate::on_loss(double share) {
    loss_ = share;
}

void PublisherBitrate::lower_to(std::uint64_t rate, TimePoint now) {
    rate_ = std::min(rate_, std::max(rate, std::min(kLeast, most_)));
    lowered_ = true;
    lowered_at_ = now;
    delay_.forget_bursts();
}

void PublisherBitrate::raise(Duration passed) {
    const auto arrives = arrives_.bits_per_second();
    if (!arrives || static_cast<double>(*arrives) < kIsUsed * static_cast<double>(rate_)) return;
    const double seconds = std::min(std::chrono::duration<double>(passed).count(), kMostStep);
    rate_ = std::min(most_, scaled(rate_, 1 + (lowered_ ? kCarefulRise : kRise) * seconds));
}

void PublisherBitrate::update(TimePoint now) {
    const Duration passed = updated_at_ ? now - *updated_at_ : Duration{};
    updated_at_ = now;
    if (lowered_at_ && now - *lowered_at_ < kSettles) return;
    const std::uint64_t arrives = arrives_.bits_per_second().value_or(rate_);
    if (delay_.grows_above(kQueueGrows) || delay_.stays_above(kQueueStands)) {
        lower_to(scaled(std::min(arrives, rate_), kDrain), now);
    } else if (loss_ > kManyLost) {
        lower_to(scaled(rate_, 1 - loss_ / 2), now);
        loss_ = 0;  // one report lowers it once
    } else {
        raise(passed);
    }
}

}  // namespace millrace::webrtc
