// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ingest/element/inbox.hpp"

#include <utility>

#include "common/net/worker.hpp"

namespace millrace::ingest {

void Inbox::push(Happening happening) {
    Lock lock(mutex_);
    if (closed_) return;
    happenings_.push_back(std::move(happening));
    changed_.notify_all();
}

std::optional<Happening> Inbox::pop(TimePoint until) {
    Lock lock(mutex_);
    while (happenings_.empty() && !closed_) {
        if (until == kNever) {
            changed_.wait(mutex_);
            continue;
        }
        const Duration left = until - net::now();
        if (left <= 0ns) return std::nullopt;
        changed_.wait_for(mutex_, left);
    }
    if (closed_) return std::nullopt;
    std::optional<Happening> happening = std::move(happenings_.front());
    happenings_.pop_front();
    return happening;
}

void Inbox::close() {
    std::deque<Happening> dropped;  // not under the lock: what they refer to may end with them
    Lock lock(mutex_);
    closed_ = true;
    dropped.swap(happenings_);
    changed_.notify_all();
}

bool Inbox::closed() {
    Lock lock(mutex_);
    return closed_;
}

}  // namespace millrace::ingest
