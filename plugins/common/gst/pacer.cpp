// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/pacer.hpp"

#include <algorithm>

namespace millrace::gst {

bool Pacer::is_live(GstPad* pad) {
    auto query = adopt(gst_query_new_latency());
    if (!gst_pad_peer_query(pad, query.get())) return true;
    gboolean live = TRUE;
    gst_query_parse_latency(query.get(), &live, nullptr, nullptr);
    return live;
}

void Pacer::play() {
    Lock lock(mutex_);
    state_ = State::playing;
    changed_.notify_all();
}

void Pacer::pause() {
    Lock lock(mutex_);
    state_ = State::paused;
}

void Pacer::stop() {
    Lock lock(mutex_);
    state_ = State::stopped;
    changed_.notify_all();
}

bool Pacer::wait_until(Duration when) {
    Lock lock(mutex_);
    while (state_ != State::stopped) {
        if (state_ == State::paused) {
            changed_.wait(mutex_);
            continue;
        }
        auto clock = adopt(gst_element_get_clock(element_));
        if (!clock) return true;
        auto base = static_cast<std::int64_t>(gst_element_get_base_time(element_));
        Duration ahead = when - Duration(static_cast<std::int64_t>(gst_clock_get_time(clock.get())) - base);
        if (ahead <= 0ns) return true;
        changed_.wait_for(mutex_, ahead);
    }
    return false;
}

}  // namespace millrace::gst
