// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/connection_set.hpp"

namespace millrace::net {

bool ConnectionSet::enter(const std::shared_ptr<Member>& member) {
    Lock lock(mutex_);
    if (closed_ || members_.size() >= bound_) return false;
    members_.insert(member);
    return true;
}

void ConnectionSet::leave(const std::shared_ptr<Member>& member) {
    Lock lock(mutex_);
    members_.erase(member);
    left_.notify_all();
}

std::size_t ConnectionSet::count() const {
    Lock lock(mutex_);
    return members_.size();
}

void ConnectionSet::close() {
    std::set<std::shared_ptr<Member>> members;
    {
        Lock lock(mutex_);
        closed_ = true;
        members = members_;
    }
    for (const auto& member : members) {
        auto close = [member] { member->close_now(); };
        member->worker()->is_current() ? close() : member->worker()->post(close);
    }
    members.clear();
    if (on_a_worker()) return;
    Lock lock(mutex_);
    while (!members_.empty()) left_.wait(mutex_);
}

}  // namespace millrace::net
