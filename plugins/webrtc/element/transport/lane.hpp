// SPDX-License-Identifier: LGPL-2.1-or-later
// One worker's part of the WebRTC port: tells STUN, DTLS, RTP and RTCP apart, and whose they are.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/net/udp_port.hpp"
#include "webrtc/core/ice/demultiplex.hpp"
#include "webrtc/core/ice/stun_server.hpp"
#include "webrtc/core/secure/certificate.hpp"
#include "webrtc/core/secure/dtls_context.hpp"
#include "webrtc/element/transport/addresses.hpp"
#include "webrtc/element/transport/handshake_thread.hpp"
#include "webrtc/element/transport/outbox.hpp"
#include "webrtc/element/transport/session.hpp"
#include "webrtc/element/transport/tcp_paths.hpp"

namespace millrace::webrtc {

class Lane;

// What the endpoint and its lanes share.
struct House : std::enable_shared_from_this<House> {
    struct Counters {
        std::atomic<std::uint64_t> checks{0};
        std::atomic<std::uint64_t> refused{0};
        std::atomic<std::uint64_t> unroutable{0};
        std::atomic<std::uint64_t> overrun{0};
    };

    House(Certificate identity, DtlsContext context, const Patience& patient)
        : certificate(std::move(identity)), dtls(std::move(context)), patience(patient) {}

    // Runs on the lane's worker, if the lane is still there.
    template <class F>
    void post(std::size_t lane, F&& act) {
        workers[lane]->post([self = shared_from_this(), lane, act = std::forward<F>(act)] {
            if (self->lanes[lane] != nullptr) act(*self->lanes[lane]);
        });
    }

    const Certificate certificate;
    const DtlsContext dtls;
    const Patience patience;
    const std::shared_ptr<HandshakeThread> handshakes = HandshakeThread::shared();
    SessionTable table;
    TcpPaths tcp;
    Counters counters;
    std::vector<std::shared_ptr<net::Worker>> workers;
    std::vector<Lane*> lanes;  // each entry its worker's
};

class Lane : public net::UdpHandler {
  public:
    Lane(std::shared_ptr<House> house, std::size_t index, net::UdpSocket& socket);
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    ~Lane() override;

    bool received(ByteView datagram, const net::SocketAddress& from) override {
        return received_from(datagram, to_core(from));
    }
    // The same of a datagram that came over TCP.
    bool received_from(ByteView datagram, const TransportAddress& from);
    void writable() override { outbox_.writable(); }

    // The peer has no worker yet, and may never have one.
    void wait_for(const SessionRef& session);
    // The last that happens to a peer of ours.
    void end(const SessionRef& session, const Error& why);

  private:
    struct Route {
        SessionRef session;
        std::size_t lane = 0;
    };

    void on_stun(ByteView datagram, const TransportAddress& from);
    void on_check(const SessionRef& session, const TransportAddress& from, bool nominates);
    void adopt(const SessionRef& session);
    void take(const SessionRef& session, ByteView datagram, Traffic traffic);

    void shake_hands(const SessionRef& session, ByteView datagram);
    HandshakeSink handshake_sink(const SessionRef& session);
    void on_keys(const SessionRef& session, const Result<SrtpKeys>& keys);

    void on_deadline(Session& session);
    void give_up_unclaimed();

    void learn(const TransportAddress& from, const Route& route);
    void forget(std::uint64_t id);
    void forget_address(const TransportAddress& address, std::uint64_t id);
    void send_one(const TransportAddress& to, const Bytes& datagram);

    const std::shared_ptr<House> house_;
    const std::size_t index_;
    net::UdpSocket& socket_;
    Outbox outbox_;
    StunServer stun_;
    std::unordered_map<std::uint64_t, SessionRef> peers_;
    std::unordered_map<TransportAddress, Route, AddressHash>
        by_address_;  // of any worker's peers, who checked from there
    std::unordered_map<std::uint64_t, std::deque<TransportAddress>> addresses_;  // of by_address_, the newest last
    std::deque<std::weak_ptr<Session>> unclaimed_;                               // in the order of their deadlines
    net::Worker::Timer unclaimed_timer_;
};

}  // namespace millrace::webrtc
