// SPDX-License-Identifier: LGPL-2.1-or-later
// The process's WebRTC port: one UDP address for all peers, viewers and publishers. A peer is known by the fragment in
// its first STUN check and by its address from then on, and belongs for life to the worker on which that check arrived.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/net/udp_port.hpp"
#include "webrtc/core/ice/consent.hpp"
#include "webrtc/core/ice/transport_address.hpp"
#include "webrtc/core/sdp/answer.hpp"
#include "webrtc/core/secure/fingerprint.hpp"
#include "webrtc/core/secure/random.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc {

class Outbox;

// Where to send to a peer. On its worker's thread only.
class PeerPath {
  public:
    virtual ~PeerPath() = default;
    [[nodiscard]] virtual const std::shared_ptr<net::Worker>& worker() const = 0;
    [[nodiscard]] virtual const TransportAddress& address() const = 0;  // now; the peer may move
    [[nodiscard]] virtual Outbox* outbox() const = 0;                   // the worker's; nullptr when the peer is gone
};

// What happens to a peer, on its worker. gone() is the last, whoever ended it. A peer that never checks has no
// worker: its gone() comes on one of them, or not at all when the owner ends it before.
class SessionEvents {
  public:
    virtual ~SessionEvents() = default;
    virtual void connected(std::shared_ptr<PeerPath> path, const SrtpKeys& keys) = 0;
    // Both protected, as they came. True where only the peer can have sent it: it is there, then.
    virtual bool rtcp(ByteView datagram, TimePoint now) = 0;
    virtual bool rtp(ByteView /*datagram*/, TimePoint /*now*/) { return false; }  // who only watches sends none
    virtual void gone(const Error& why) = 0;
};

struct EndpointOptions {
    Patience patience;
    net::UdpOptions udp;
};

struct EndpointCounters {
    std::uint64_t checks = 0;      // answered
    std::uint64_t refused = 0;     // checks that were not: unknown, forged, no checks at all
    std::uint64_t unroutable = 0;  // datagrams from addresses that no peer has checked from
    std::uint64_t overrun = 0;     // DTLS that the handshakes' queue had no room for
};

class Endpoint {
  public:
    // The endpoint at `listen`, shared by all who name the same address; "" is the process's default for "webrtc",
    // :8189 unless told otherwise. Not on a worker.
    static Result<std::shared_ptr<Endpoint>> at(const std::string& listen, const EndpointOptions& options = {});
    virtual ~Endpoint() = default;

    // A peer that is waited for. Its end lets go of the peer, whose gone() comes later. Keeps the endpoint.
    class Registration {
      public:
        virtual ~Registration() = default;
        // From now on the peer checks with these (RFC 8445 2.4): an ICE restart. Keys and media stay. peer_gone when
        // it is too late.
        virtual Result<> restart(const IceCredentials& local) = 0;
    };
    // From here on the peer has Patience::connect_within. Fails with refused when the fragment is another's.
    virtual Result<std::unique_ptr<Registration>> admit(const IceCredentials& local, const Fingerprint& peer,
                                                        std::shared_ptr<SessionEvents> events) = 0;

    // What to write into the answer. Of `advertise`, each "ADDRESS" or, behind a router that forwards another port,
    // "ADDRESS:PORT"; when it is empty, the addresses of this machine that the port has.
    [[nodiscard]] virtual Result<std::vector<HostCandidate>> candidates(
        const std::vector<std::string>& advertise) const = 0;
    [[nodiscard]] virtual const Fingerprint& fingerprint() const = 0;
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual const std::vector<std::shared_ptr<net::Worker>>& workers() const = 0;  // that have peers
    [[nodiscard]] virtual EndpointCounters counters() const = 0;
};

}  // namespace millrace::webrtc
