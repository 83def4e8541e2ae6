// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/track_input.hpp"

namespace millrace::hls {

namespace {

constexpr std::size_t kMostBytes = 96 * 1024 * 1024;  // 12 s of 64 Mbit/s
constexpr std::size_t kMostFrames = 12'000;           // 12 s of a thousand frames

}  // namespace

void TrackInput::hold(const Frame& frame, TimePoint arrival, UnixTime wall) {
    held_.push_back({frame, Bytes(frame.payload.begin(), frame.payload.end()), arrival, wall});
    held_.back().frame.payload = held_.back().bytes;
    held_bytes_ += frame.payload.size();
    while (held_bytes_ > kMostBytes || held_.size() > kMostFrames) take_oldest();
}

HeldFrame TrackInput::take_oldest() {
    HeldFrame oldest = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= oldest.bytes.size();
    oldest.frame.payload = oldest.bytes;
    return oldest;
}

void TrackInput::drop_held() {
    held_.clear();
    held_bytes_ = 0;
}

void TrackInput::drop_until_key() {
    while (video() && !held_.empty() && !held_.front().frame.key) take_oldest();
}

}  // namespace millrace::hls
