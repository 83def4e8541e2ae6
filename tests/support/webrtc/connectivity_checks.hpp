// SPDX-License-Identifier: LGPL-2.1-or-later
// The controlling side of ICE's connectivity checks with a lite peer (RFC 8445 2.5): it asks, nominates with every
// check unless told otherwise, and reads the answers. libnice's STUN library writes, signs and verifies.
#pragma once

#include <stun/stunagent.h>

#include <cstdint>
#include <string>

#include "common/base/bytes.hpp"
#include "webrtc/core/secure/random.hpp"

namespace millrace::webrtc::test {

class ConnectivityChecks {
  public:
    enum class Outcome {
        nothing,  // nothing that changes anything
        success,
        forged,   // an answer whose signature is wrong
        refused,  // an error
    };

    ConnectivityChecks(IceCredentials own, IceCredentials peer);
    ConnectivityChecks(const ConnectivityChecks&) = delete;
    ConnectivityChecks& operator=(const ConnectivityChecks&) = delete;

    Bytes next(bool nominates = true);
    // `reply` is left with what is to be sent, which is mostly nothing.
    Outcome receive(ByteView datagram, Bytes& reply);

  private:
    Bytes answer(const StunMessage& request);

    IceCredentials own_;
    IceCredentials peer_;
    std::string username_;
    std::uint64_t tie_breaker_ = 0;
    StunAgent agent_{};
};

}  // namespace millrace::webrtc::test
