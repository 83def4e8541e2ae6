// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/prober.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

constexpr Duration kRises = 600ms;  // feedback takes a tenth of a second or two: by then it is still little
constexpr Duration kHolds = 150ms;
constexpr Duration kTick = 8ms;  // a few packets each

constexpr Duration kQueued = 20ms;  // more than before: it grows
constexpr double kLost = 0.03;

}  // namespace

void Prober::begin(std::uint64_t rate, std::uint64_t target, Duration queued, Duration answer, TimePoint now) {
    state_ = State::sending;
    extra_ = target > rate ? target - rate : 0;
    queued_ = queued;
    answer_ = answer;
    began_ = ready_at_ = now;
    sent_ = 0;
}

void Prober::listen(Duration queued, double loss, TimePoint now) {
    if (!runs()) return;
    const Duration elapsed = now - began_;
    if (queued > queued_ + kQueued || loss > kLost)
        state_ = State::no_room;
    else if (elapsed > kRises + kHolds + answer_)
        state_ = State::room;
    else if (elapsed > kRises + kHolds)
        state_ = State::listening;
}

// The area below a slope, and of the level behind it.
std::uint64_t Prober::bytes_until(Duration elapsed) const {
    const double rising = std::chrono::duration<double>(std::min(elapsed, kRises)).count();
    const double level = std::chrono::duration<double>(std::clamp<Duration>(elapsed - kRises, 0s, kHolds)).count();
    const double seconds = rising * rising / (2 * std::chrono::duration<double>(kRises).count()) + level;
    return static_cast<std::uint64_t>(static_cast<double>(extra_) / 8 * seconds);
}

std::size_t Prober::due(TimePoint now) const {
    if (state_ != State::sending || now < ready_at_) return 0;
    const std::uint64_t bytes = bytes_until(now - began_);
    return bytes > sent_ ? bytes - sent_ : 0;
}

void Prober::wait(TimePoint now) {
    if (now - began_ > kRises + kHolds) state_ = State::listening;
    ready_at_ = now + kTick;
}

}  // namespace millrace::webrtc
