// SPDX-License-Identifier: LGPL-2.1-or-later
// The lite side of ICE's connectivity checks (RFC 8445 2.5, 7.3): a viewer's binding request comes in; who it is, and
// what to answer, comes out. libnice's STUN library reads and verifies.
//
// Silence is the answer to what nobody vouches for: an error would tell an attacker which fragments exist, and let the
// port be used to send to others.
#pragma once

#include <stun/stunagent.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.hpp"
#include "webrtc/core/ice/transport_address.hpp"

namespace millrace::webrtc {

// A check that the holder of the password sent.
struct BindingCheck {
    std::string local_ufrag;
    std::string peer_ufrag;
    std::uint32_t priority = 0;  // zero when not said
    bool use_candidate = false;  // the viewer nominates this pair
};

struct StunOutcome {
    std::optional<BindingCheck> check;  // only of one that was answered with success
    Bytes reply;                        // empty when there is nothing to say
};

struct StunCounters {
    std::uint64_t answered = 0;
    std::uint64_t malformed = 0;      // or without credentials
    std::uint64_t unknown_ufrag = 0;  // a viewer that is gone, or somebody trying
    std::uint64_t bad_integrity = 0;
    std::uint64_t role_conflicts = 0;
    std::uint64_t ignored = 0;  // indications, answers, other methods
};

// One a worker: libnice's agent is not for two threads.
class StunServer {
  public:
    // The password of a local user fragment; empty when there is no such viewer. It must stay where it is for the call.
    using PasswordOf = std::function<std::string_view(std::string_view local_ufrag)>;

    StunServer();
    StunServer(const StunServer&) = delete;
    StunServer& operator=(const StunServer&) = delete;

    StunOutcome receive(ByteView datagram, const TransportAddress& from, const PasswordOf& password_of);

    [[nodiscard]] const StunCounters& counters() const { return counters_; }

  private:
    StunOutcome answer(const StunMessage& request, const TransportAddress& from, std::string_view username);
    Bytes refuse(const StunMessage& request, StunError error);
    Bytes refuse_unknown_attributes(const StunMessage& request);

    StunAgent agent_{};
    StunCounters counters_;
};

}  // namespace millrace::webrtc
