// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/silence.hpp"

#include <algorithm>

namespace millrace::hls {

namespace {

constexpr Duration kLongestStep = 100ms;  // between two frames; more is a pause of everything

}  // namespace

void Silence::arrived(std::size_t track, TimePoint now) {
    tracks_[track].last = now;
    if (tracks_[track].kind != codec::Kind::video) return;
    const Duration step = std::min<Duration>(now - last_video_, kLongestStep);
    last_video_ = now;
    for (Heard& other : tracks_) {
        if (other.kind == codec::Kind::video) other.missing += step;
    }
    tracks_[track].missing = {};
}

}  // namespace millrace::hls
