// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/signalling/roster.hpp"

#include <utility>

namespace millrace::webrtc {

bool Roster::is_full() const {
    Lock lock(mutex_);
    return full();
}

std::size_t Roster::size() const {
    Lock lock(mutex_);
    return entries_.size();
}

Result<> Roster::add(const std::string& id, Entry entry) {
    Lock lock(mutex_);
    if (full()) return fail(Fault::refused, "all places are taken");
    if (entries_.emplace(id, std::move(entry)).second) ++pending_;
    return {};
}

void Roster::connected(std::string_view id) {
    Lock lock(mutex_);
    auto found = entries_.find(id);
    if (found != entries_.end() && !std::exchange(found->second.connected, true)) --pending_;
}

// What leaves the table is let go of without the lock: its end reaches into other threads.
bool Roster::remove(std::string_view id) {
    Entry removed;
    Lock lock(mutex_);
    auto found = entries_.find(id);
    if (found == entries_.end()) return false;
    removed = std::move(found->second);
    if (!removed.connected) --pending_;
    entries_.erase(found);
    return true;
}

void Roster::remove_all() {
    Entries removed;
    Lock lock(mutex_);
    removed.swap(entries_);
    pending_ = 0;
}

bool Roster::with(std::string_view id, const std::function<void(Entry&)>& use) {
    Lock lock(mutex_);
    auto found = entries_.find(id);
    if (found == entries_.end()) return false;
    use(found->second);
    return true;
}

}  // namespace millrace::webrtc
