// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/roster.hpp"

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

Result<> Roster::add(Entry entry) {
    Lock lock(mutex_);
    if (full()) return fail(Fault::refused, "all " + std::to_string(most_) + " places are taken");
    const std::string id = entry.session->info().id;
    entries_.emplace(id, std::move(entry));
    return {};
}

// What leaves the table is let go of without the lock: its end reaches into other threads.
bool Roster::remove(std::string_view id) {
    Entry removed;
    Lock lock(mutex_);
    auto found = entries_.find(id);
    if (found == entries_.end()) return false;
    removed = std::move(found->second);
    entries_.erase(found);
    return true;
}

void Roster::remove_all() {
    std::map<std::string, Entry, std::less<>> removed;
    Lock lock(mutex_);
    removed.swap(entries_);
}

bool Roster::with(std::string_view id, const std::function<void(Entry&)>& use) {
    Lock lock(mutex_);
    auto found = entries_.find(id);
    if (found == entries_.end()) return false;
    use(found->second);
    return true;
}

}  // namespace millrace::webrtc
