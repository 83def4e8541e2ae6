// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ingest/core/succession.hpp"

#include <algorithm>

namespace millrace::ingest {

void Succession::appeared(Candidate who, TimePoint now) {
    if (ended_) return;
    if (source_ == Source::live) return decisions_.push_back(Refuse{who});
    waiting_.push_back(who);
    choose(now);
}

void Succession::vanished(Candidate who) {
    std::erase(waiting_, who);
}

void Succession::connected() {
    if (ended_ || source_ == Source::none) return;
    source_ = Source::live;
    taken_by_ = kNever;
    give_up_at_ = kNever;
    for (Candidate who : std::exchange(waiting_, {})) decisions_.push_back(Refuse{who});
}

void Succession::disconnected(bool open, TimePoint now) {
    if (ended_ || source_ != Source::live) return;
    source_ = Source::away;
    if (!open) drop();
    await_return(open, now);
}

void Succession::exhausted(bool open, TimePoint now) {
    if (ended_ || source_ == Source::none) return;
    drop();
    await_return(open, now);
}

void Succession::await_return(bool open, TimePoint now) {
    if (open && give_up_at_ == kNever) give_up_at_ = now + reconnect_timeout_;
    choose(now);
}

// Who comes by the way of the publisher that left reaches its source without us.
void Succession::choose(TimePoint now) {
    if (waiting_.empty() || source_ == Source::taking || source_ == Source::live) return;
    drop();
    decisions_.push_back(Take{waiting_.front()});
    waiting_.pop_front();
    source_ = Source::taking;
    taken_by_ = now + kTakes;
}

void Succession::drop() {
    if (source_ != Source::none) decisions_.push_back(Drop{});
    source_ = Source::none;
    taken_by_ = kNever;
}

void Succession::tick(TimePoint now) {
    if (ended_) return;
    if (now >= taken_by_) {
        // It left before its source had it, or may not publish.
        drop();
        choose(now);
    }
    if (source_ == Source::taking || now < give_up_at_) return;
    drop();
    decisions_.push_back(End{});
    ended_ = true;
}

TimePoint Succession::deadline() const {
    if (ended_) return kNever;
    return source_ == Source::taking ? taken_by_ : give_up_at_;
}

}  // namespace millrace::ingest
