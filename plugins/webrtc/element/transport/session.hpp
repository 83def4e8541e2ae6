// SPDX-License-Identifier: LGPL-2.1-or-later
// A peer as the transport knows it, from its admission on, and the table of all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "common/base/thread.hpp"
#include "webrtc/core/ice/consent.hpp"
#include "webrtc/element/transport/endpoint.hpp"

namespace millrace::webrtc {

// What is not const belongs to the peer's worker; before it has one, to nobody.
struct Session : PeerPath {
    Session(std::uint64_t number, const Fingerprint& fingerprint, std::shared_ptr<SessionEvents> tells, TimePoint now,
            Patience patience)
        : id(number),
          peer(fingerprint),
          unclaimed_until(now + patience.connect_within),
          events(std::move(tells)),
          consent(now, patience) {}

    [[nodiscard]] const std::shared_ptr<net::Worker>& worker() const override { return home; }
    [[nodiscard]] const TransportAddress& address() const override { return *consent.address(); }
    [[nodiscard]] Outbox* outbox() const override { return out; }

    const std::uint64_t id;
    const Fingerprint peer;
    const TimePoint unclaimed_until;
    std::shared_ptr<SessionEvents> events;  // none: it has ended
    Consent consent;
    std::shared_ptr<net::Worker> home;
    Outbox* out = nullptr;
    std::unique_ptr<net::Worker::Timer> timer;
    bool handshaking = false;
    bool connected = false;
};
using SessionRef = std::shared_ptr<Session>;

// The peers by the user fragment of their checks, and the lane (the worker's number) that each belongs to. Any
// thread.
class SessionTable {
  public:
    // False when the fragment is another's.
    bool add(const SessionRef& session, const IceCredentials& local);
    // Another fragment and password from now on. False when the session is gone, or the fragment is another's.
    bool rename(const Session& session, const IceCredentials& local);

    struct Found {
        SessionRef session;  // nullptr: unknown
        std::string password;
    };
    Found find(std::string_view ufrag);

    // The lane of the session: `lane`, when it had none. Nothing: it is gone.
    std::optional<std::size_t> claim(const Session& session, std::size_t lane);

    struct Removed {
        bool was_there = false;
        std::optional<std::size_t> lane;
    };
    Removed remove(const Session& session);
    bool remove_unclaimed(const Session& session);  // false when it has a lane, or is gone

  private:
    struct Entry {
        SessionRef session;
        IceCredentials local;
        std::optional<std::size_t> lane;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    Entry* entry_of(const Session& session) REQUIRES(mutex_);
    void erase(const Entry& entry) REQUIRES(mutex_);

    Mutex mutex_;
    std::unordered_map<std::uint64_t, Entry> entries_ GUARDED_BY(mutex_);
    std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> by_ufrag_ GUARDED_BY(mutex_);
};

}  // namespace millrace::webrtc
