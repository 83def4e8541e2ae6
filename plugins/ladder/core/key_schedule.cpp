// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/core/key_schedule.hpp"

#include <algorithm>

namespace millrace::ladder {

namespace {

constexpr Duration kClosest = 500ms;  // two key frames that were asked for: more would cost all viewers their picture
constexpr Duration kInputAnswers = 400ms;  // an encoder upstream that will, has by then
constexpr Duration kBackwards = 1s;        // farther back than pictures are reordered: the input began anew
constexpr std::size_t kMostWaiting = 64;   // of an input whose key frames are never shown
constexpr Duration kRounding = 1us;        // what a decoder may do to a timestamp

}  // namespace

void KeySchedule::input_key(Duration pts) {
    if (interval_) return;
    input_keys_.push_back(pts);
    if (input_keys_.size() > kMostWaiting) input_keys_.pop_front();
}

void KeySchedule::request(bool input_may) {
    if (requested_) return;
    requested_ = true;
    input_may_ = input_may && !interval_;
    waits_since_.reset();
}

bool KeySchedule::is_key(Duration pts) {
    if (last_ && pts < newest_ - kBackwards) {
        last_.reset();
        next_.reset();
    }
    newest_ = pts;
    const bool first = !last_;
    if (!is_due(pts) && !first && !grants_request(pts)) return false;
    last_ = pts;
    requested_ = false;
    waits_since_.reset();
    return true;
}

bool KeySchedule::is_due(Duration pts) {
    if (!interval_) {
        bool due = false;
        for (; !input_keys_.empty() && input_keys_.front() <= pts + kRounding; input_keys_.pop_front()) due = true;
        return due;
    }
    // A picture that a request made a key frame does not move the grid: segments begin on it.
    const Duration interval = std::max<Duration>(*interval_, 1ms);
    if (!next_) next_ = pts;
    if (pts + kRounding < *next_) return false;
    *next_ += interval * ((pts + kRounding - *next_) / interval + 1);
    return true;
}

bool KeySchedule::grants_request(Duration pts) {
    if (!requested_ || pts - *last_ < kClosest) return false;
    if (!input_may_) return true;
    if (!waits_since_) waits_since_ = pts;
    return pts - *waits_since_ >= kInputAnswers;
}

}  // namespace millrace::ladder
