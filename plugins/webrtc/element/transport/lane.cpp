// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/lane.hpp"

#include <string_view>

#include "webrtc/element/transport/addresses.hpp"

namespace millrace::webrtc {

namespace {

// A peer checks from each of its interfaces, and again behind a router that forgets.
constexpr std::size_t kMostAddresses = 16;

Error why_gone(Liveness liveness) {
    return {Fault::peer_gone,
            liveness == Liveness::consent_lost ? "it stopped answering" : "it did not connect in time"};
}

}  // namespace

Lane::Lane(std::shared_ptr<House> house, std::size_t index, net::UdpSocket& socket)
    : house_(std::move(house)),
      index_(index),
      socket_(socket),
      outbox_(socket, &house_->tcp),
      unclaimed_timer_(*socket.worker(), [this] { give_up_unclaimed(); }) {
    house_->lanes[index_] = this;
}

Lane::~Lane() {
    while (!peers_.empty()) end(SessionRef(peers_.begin()->second), {Fault::refused, "the port was closed"});
    house_->lanes[index_] = nullptr;
}

bool Lane::received_from(ByteView datagram, const TransportAddress& from) {
    const Traffic traffic = demultiplex(datagram);
    if (traffic == Traffic::stun) {
        on_stun(datagram, from);
        return true;
    }
    auto found = by_address_.find(from);
    if (found == by_address_.end() || traffic == Traffic::unknown) {
        ++house_->counters.unroutable;
        return false;
    }
    const Route& route = found->second;
    if (route.lane == index_) {
        take(route.session, datagram, traffic);
    } else {
        house_->post(route.lane, [session = route.session, bytes = Bytes(datagram.begin(), datagram.end()),
                                  traffic](Lane& lane) { lane.take(session, bytes, traffic); });
    }
    return true;
}

// ---- checks ---------------------------------------------------------------------------------------------------------

void Lane::on_stun(ByteView datagram, const TransportAddress& from) {
    SessionTable::Found found;
    const StunOutcome outcome = stun_.receive(datagram, from, [&](std::string_view ufrag) {
        found = house_->table.find(ufrag);
        return std::string_view(found.password);
    });
    // Claimed before it is answered: who has an answer has a worker, and is told when it ends.
    const auto lane = outcome.check ? house_->table.claim(*found.session, index_) : std::nullopt;
    ++(lane ? house_->counters.checks : house_->counters.refused);
    if (!outcome.reply.empty() && (lane || !outcome.check)) send_one(from, outcome.reply);
    if (!lane) return;
    const bool nominates = outcome.check->use_candidate;
    learn(from, {found.session, *lane});
    if (*lane == index_)
        on_check(found.session, from, nominates);
    else
        house_->post(*lane, [session = found.session, from, nominates](Lane& owner) {
            owner.on_check(session, from, nominates);
        });
}

// Authenticated; the peer is ours.
void Lane::on_check(const SessionRef& session, const TransportAddress& from, bool nominates) {
    if (!session->events) return;
    session->consent.on_check(from, nominates, net::now());
    if (!session->timer) adopt(session);
}

void Lane::adopt(const SessionRef& session) {
    session->home = socket_.worker();
    session->out = &outbox_;
    session->timer = std::make_unique<net::Worker::Timer>(*socket_.worker(),
                                                          [this, session = session.get()] { on_deadline(*session); });
    session->timer->at(session->consent.deadline());
    peers_[session->id] = session;
}

void Lane::take(const SessionRef& session, ByteView datagram, Traffic traffic) {
    if (!session->events || !session->timer) return;
    if (traffic == Traffic::dtls) return shake_hands(session, datagram);
    if (!session->connected) return;
    const TimePoint time = net::now();
    // They may end the session.
    const auto events = session->events;
    const bool authentic = traffic == Traffic::rtp ? events->rtp(datagram, time) : events->rtcp(datagram, time);
    if (authentic) session->consent.on_media(time);
}

void Lane::learn(const TransportAddress& from, const Route& route) {
    Route& known = by_address_[from];
    if (known.session == route.session) return;
    known = route;
    auto& addresses = addresses_[route.session->id];
    addresses.push_back(from);
    if (addresses.size() <= kMostAddresses) return;
    // The oldest. If the peer is still there, its next check is only seconds away.
    forget_address(addresses.front(), route.session->id);
    addresses.pop_front();
}

void Lane::forget(std::uint64_t id) {
    auto found = addresses_.find(id);
    if (found == addresses_.end()) return;
    for (const TransportAddress& address : found->second) forget_address(address, id);
    addresses_.erase(found);
}

// Another peer may have it by now.
void Lane::forget_address(const TransportAddress& address, std::uint64_t id) {
    auto found = by_address_.find(address);
    if (found != by_address_.end() && found->second.session->id == id) by_address_.erase(found);
}

// ---- handshake ------------------------------------------------------------------------------------------------------

void Lane::shake_hands(const SessionRef& session, ByteView datagram) {
    if (!std::exchange(session->handshaking, true))
        house_->handshakes->start(session->id, house_->dtls, session->peer, handshake_sink(session));
    if (!house_->handshakes->receive(session->id, datagram)) ++house_->counters.overrun;
}

HandshakeSink Lane::handshake_sink(const SessionRef& session) {
    auto with_lane = [house = std::weak_ptr<House>(house_), index = index_,
                      peer = std::weak_ptr<Session>(session)](auto&& act) {
        auto home = house.lock();
        auto living = peer.lock();
        if (home && living && home->lanes[index] != nullptr && living->events) act(*home->lanes[index], living);
    };
    HandshakeSink sink;
    sink.worker = socket_.worker();
    sink.output = [with_lane](const std::vector<Bytes>& datagrams) {
        with_lane([&](Lane& lane, const SessionRef& to) {
            for (const Bytes& each : datagrams) lane.send_one(to->address(), each);
        });
    };
    sink.done = [with_lane](const Result<SrtpKeys>& keys) {
        with_lane([&](Lane& lane, const SessionRef& of) { lane.on_keys(of, keys); });
    };
    sink.closed = [with_lane] {
        with_lane([](Lane& lane, const SessionRef& of) {
            lane.end(of, Error{Fault::peer_gone, "it closed the connection"});
        });
    };
    return sink;
}

void Lane::on_keys(const SessionRef& session, const Result<SrtpKeys>& keys) {
    if (!keys) return end(session, keys.error());
    session->connected = true;
    session->consent.on_connected();
    session->timer->at(session->consent.deadline());
    session->events->connected(session, *keys);
}

// ---- ends -----------------------------------------------------------------------------------------------------------

void Lane::end(const SessionRef& session, const Error& why) {
    if (!session->events) return;
    auto events = std::exchange(session->events, nullptr);
    session->timer.reset();
    session->out = nullptr;
    house_->table.remove(*session);
    if (session->handshaking) house_->handshakes->stop(session->id);
    peers_.erase(session->id);
    for (std::size_t lane = 0; lane < house_->lanes.size(); ++lane)
        if (lane != index_) house_->post(lane, [id = session->id](Lane& other) { other.forget(id); });
    forget(session->id);
    events->gone(why);
}

void Lane::on_deadline(Session& session) {
    const Liveness liveness = session.consent.liveness(net::now());
    if (liveness == Liveness::alive) return session.timer->at(session.consent.deadline());
    end(SessionRef(peers_.at(session.id)), why_gone(liveness));
}

void Lane::wait_for(const SessionRef& session) {
    unclaimed_.push_back(session);
    if (unclaimed_.size() == 1) unclaimed_timer_.at(session->unclaimed_until);
}

void Lane::give_up_unclaimed() {
    const TimePoint time = net::now();
    while (!unclaimed_.empty()) {
        auto session = unclaimed_.front().lock();
        if (session && session->unclaimed_until > time) return unclaimed_timer_.at(session->unclaimed_until);
        unclaimed_.pop_front();
        if (!session || !house_->table.remove_unclaimed(*session)) continue;
        auto events = std::exchange(session->events, nullptr);
        if (events) events->gone(why_gone(Liveness::never_connected));
    }
}

// What does not fit is lost, as it may be on the way.
void Lane::send_one(const TransportAddress& to, const Bytes& datagram) {
    if (to.tcp) return house_->tcp.send(to, datagram, datagram.size());
    const net::UdpMessage message{from_core(to), datagram, 0};
    socket_.send({&message, 1});
}

}  // namespace millrace::webrtc
