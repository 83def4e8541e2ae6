// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer up to its keys, over a socket and one step at a time: for what a WhepViewer would never do.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "tests/core/net/udp_client.hpp"
#include "tests/support/webrtc/connectivity_checks.hpp"
#include "tests/support/webrtc/dtls_client.hpp"
#include "webrtc/core/ice/demultiplex.hpp"

namespace millrace::webrtc::test {

// One for all: a new key for each costs more than its handshake.
inline const std::shared_ptr<const DtlsIdentity>& guest_identity() {
    static const auto kIdentity = DtlsIdentity::make({});
    return kIdentity;
}

// `Socket` sends to a port of the loopback and gives the next datagram: a UdpClient, or a FramedClient.
template <class Socket>
class BasicGuest {
  public:
    static const std::shared_ptr<const DtlsIdentity>& identity() { return guest_identity(); }

    BasicGuest(std::uint16_t port, const IceCredentials& server, const DtlsClientOptions& options = {})
        : dtls(identity(), options), port_(port), checks_({"guest", "the-guest's-own-password"}, server) {}

    void check(bool nominates = true) { check_from(socket, nominates); }
    void check_from(Socket& from, bool nominates) { from.send(port_, checks_.next(nominates)); }
    // Whether the next datagram is a good answer to a check of ours.
    bool answered() { return answered_at(socket); }
    bool answered_at(Socket& at) {
        Bytes nothing;
        return checks_.receive(at.next(), nothing) == ConnectivityChecks::Outcome::success;
    }

    void send(const std::vector<Bytes>& datagrams) {
        for (const Bytes& each : datagrams) socket.send(port_, each);
    }
    void hello() { send(dtls.start()); }
    // Goes on with the handshake until it ends one way or the other, or nothing more comes.
    bool shake() {
        while (!dtls.connected() && dtls.failure().empty() && take(socket.next())) continue;
        return dtls.connected();
    }
    // The same with what is there already.
    bool shake_on() {
        while (take(socket.next(MSG_DONTWAIT))) continue;
        return dtls.connected();
    }
    bool connect() {
        check();
        if (!answered()) return false;
        hello();
        return shake();
    }

    Socket socket;
    DtlsClient dtls;

  private:
    bool take(const Bytes& datagram) {
        if (datagram.empty()) return false;
        if (demultiplex(datagram) == Traffic::dtls) send(dtls.receive(datagram));
        return true;
    }

    std::uint16_t port_;
    ConnectivityChecks checks_;
};

using Guest = BasicGuest<millrace::test::UdpClient>;

}  // namespace millrace::webrtc::test
