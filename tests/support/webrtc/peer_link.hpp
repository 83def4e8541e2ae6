// SPDX-License-Identifier: LGPL-2.1-or-later
// A peer's way to its keys, without sockets or clocks: checks to a lite server until one is answered, the DTLS
// handshake as its active side, and checks for consent from then on (RFC 7675). Knows no media.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "tests/support/webrtc/connectivity_checks.hpp"
#include "tests/support/webrtc/dtls_client.hpp"
#include "tests/support/webrtc/local_description.hpp"
#include "tests/support/webrtc/remote_description.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc::test {

class PeerLink {
  public:
    enum class State { idle, checking, handshaking, connected, failed };

    // What thousands of peers may share.
    static std::shared_ptr<const DtlsIdentity> make_identity();
    static Result<PeerIdentity> make_self(const DtlsIdentity& identity);

    PeerLink(std::shared_ptr<const DtlsIdentity> identity, PeerIdentity self)
        : identity_(std::move(identity)), self_(std::move(self)) {}
    PeerLink(const PeerLink&) = delete;
    PeerLink& operator=(const PeerLink&) = delete;

    void start(const RemoteDescription& remote, TimePoint now);
    void on_stun(ByteView datagram, TimePoint now);
    void on_dtls(ByteView datagram, TimePoint now);
    void on_timer(TimePoint now);
    [[nodiscard]] TimePoint deadline() const { return std::min(next_check_, next_handshake_); }
    std::vector<Bytes> take_output() { return std::exchange(output_, {}); }
    // Once, when it has connected.
    std::optional<SrtpKeys> take_keys() { return std::exchange(keys_, std::nullopt); }
    void fail_with(std::string why);

    [[nodiscard]] const PeerIdentity& self() const { return self_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const std::string& failure() const { return failure_; }

  private:
    void check(TimePoint now);
    void shake(std::vector<Bytes> datagrams, TimePoint now);
    void secure();

    const std::shared_ptr<const DtlsIdentity> identity_;
    const PeerIdentity self_;
    std::optional<Fingerprint> server_;
    std::unique_ptr<ConnectivityChecks> checks_;
    std::unique_ptr<DtlsClient> dtls_;
    std::optional<SrtpKeys> keys_;

    State state_ = State::idle;
    std::string failure_;
    std::vector<Bytes> output_;
    TimePoint next_check_ = kNever;
    TimePoint next_handshake_ = kNever;
    TimePoint last_answer_;
    unsigned unanswered_ = 0;
};

}  // namespace millrace::webrtc::test
