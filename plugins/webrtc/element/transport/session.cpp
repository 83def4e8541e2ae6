// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/session.hpp"

namespace millrace::webrtc {

bool SessionTable::add(const SessionRef& session, const IceCredentials& local) {
    Lock lock(mutex_);
    if (!by_ufrag_.try_emplace(local.ufrag, session->id).second) return false;
    entries_[session->id] = {session, local, {}};
    return true;
}

SessionTable::Entry* SessionTable::entry_of(const Session& session) {
    auto found = entries_.find(session.id);
    return found == entries_.end() ? nullptr : &found->second;
}

bool SessionTable::rename(const Session& session, const IceCredentials& local) {
    Lock lock(mutex_);
    Entry* entry = entry_of(session);
    if (entry == nullptr || !by_ufrag_.try_emplace(local.ufrag, session.id).second) return false;
    by_ufrag_.erase(entry->local.ufrag);
    entry->local = local;
    return true;
}

SessionTable::Found SessionTable::find(std::string_view ufrag) {
    Lock lock(mutex_);
    auto id = by_ufrag_.find(ufrag);
    if (id == by_ufrag_.end()) return {};
    const Entry& entry = entries_.at(id->second);
    return {entry.session, entry.local.password};
}

std::optional<std::size_t> SessionTable::claim(const Session& session, std::size_t lane) {
    Lock lock(mutex_);
    Entry* entry = entry_of(session);
    if (entry == nullptr) return {};
    if (!entry->lane) entry->lane = lane;
    return entry->lane;
}

void SessionTable::erase(const Entry& entry) {
    by_ufrag_.erase(entry.local.ufrag);
    entries_.erase(entry.session->id);
}

SessionTable::Removed SessionTable::remove(const Session& session) {
    Lock lock(mutex_);
    Entry* entry = entry_of(session);
    if (entry == nullptr) return {};
    const Removed removed{true, entry->lane};
    erase(*entry);
    return removed;
}

bool SessionTable::remove_unclaimed(const Session& session) {
    Lock lock(mutex_);
    Entry* entry = entry_of(session);
    if (entry == nullptr || entry->lane) return false;
    erase(*entry);
    return true;
}

}  // namespace millrace::webrtc
