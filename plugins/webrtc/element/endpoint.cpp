// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/endpoint.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

#include "common/base/thread.hpp"
#include "common/net/address_book.hpp"
#include "common/net/listen_address.hpp"
#include "common/net/process_defaults.hpp"
#include "webrtc/core/ice/demultiplex.hpp"
#include "webrtc/core/ice/stun_server.hpp"
#include "webrtc/core/secure/certificate.hpp"
#include "webrtc/element/handshake_thread.hpp"

namespace millrace::webrtc {

namespace {

// A viewer checks from each of its interfaces, and again behind a router that forgets.
constexpr std::size_t kMostAddresses = 16;

using Book = net::AddressBook<Endpoint>;

TransportAddress to_core(const net::SocketAddress& address) {
    return {address.ip, address.is_v6, address.port};
}
net::SocketAddress from_core(const TransportAddress& address) {
    return {address.ip, address.is_v6, address.port};
}

class Lane;

// A viewer. What is not const belongs to its worker's thread; before it has one, to nobody.
struct Session : ViewerPath {
    Session(std::uint64_t number, IceCredentials of, const Fingerprint& fingerprint,
            std::shared_ptr<SessionEvents> tells, Patience patience)
        : id(number), local(std::move(of)), peer(fingerprint), events(std::move(tells)), consent(created, patience) {}

    [[nodiscard]] const std::shared_ptr<net::Worker>& worker() const override { return home; }
    [[nodiscard]] const net::SocketAddress& address() const override { return at; }
    std::size_t send(std::span<const net::UdpMessage> messages) override {
        return socket != nullptr ? socket->send(messages) : messages.size();
    }

    const std::uint64_t id;
    const TimePoint created = net::now();
    const IceCredentials local;
    const Fingerprint peer;
    std::shared_ptr<SessionEvents> events;  // none: it has ended
    Consent consent;
    std::shared_ptr<net::Worker> home;
    net::UdpSocket* socket = nullptr;
    net::SocketAddress at;
    std::unique_ptr<net::Worker::Timer> timer;
    bool handshaking = false;
    bool connected = false;
};
using SessionRef = std::shared_ptr<Session>;

// The viewers by their fragments, and on which worker each is.
class Table {
  public:
    bool add(const SessionRef& session) {
        Lock lock(mutex_);
        return entries_.try_emplace(session->local.ufrag, Entry{session, {}}).second;
    }
    SessionRef find(std::string_view ufrag) {
        Lock lock(mutex_);
        auto found = entries_.find(ufrag);
        return found == entries_.end() ? nullptr : found->second.session;
    }
    // The worker of the viewer: `lane`, when it had none. Nothing: it is gone.
    std::optional<std::size_t> claim(const Session& session, std::size_t lane) {
        Lock lock(mutex_);
        auto found = entries_.find(session.local.ufrag);
        if (found == entries_.end() || found->second.session.get() != &session) return {};
        if (!found->second.lane) found->second.lane = lane;
        return found->second.lane;
    }
    struct Removed {
        bool was_there = false;
        std::optional<std::size_t> lane;
    };
    Removed remove(const Session& session, bool only_without_lane = false) {
        Lock lock(mutex_);
        auto found = entries_.find(session.local.ufrag);
        if (found == entries_.end() || found->second.session.get() != &session) return {};
        if (only_without_lane && found->second.lane) return {};
        Removed removed{true, found->second.lane};
        entries_.erase(found);
        return removed;
    }

  private:
    struct Entry {
        SessionRef session;
        std::optional<std::size_t> lane;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    Mutex mutex_;
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_ GUARDED_BY(mutex_);
};

struct Counters {
    std::atomic<std::uint64_t> checks{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> unroutable{0};
    std::atomic<std::uint64_t> overrun{0};
};

// What the endpoint and its lanes share.
struct House : std::enable_shared_from_this<House> {
    House(Certificate identity, DtlsContext context, const EndpointOptions& of)
        : certificate(std::move(identity)), dtls(std::move(context)), patience(of.patience) {}

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
    Table table;
    Counters counters;
    std::vector<std::shared_ptr<net::Worker>> workers;
    std::vector<Lane*> lanes;  // each entry its worker's
};

// One worker's part.
class Lane : public net::UdpHandler {
  public:
    Lane(std::shared_ptr<House> house, std::size_t index, net::UdpSocket& socket)
        : house_(std::move(house)),
          index_(index),
          socket_(socket),
          unclaimed_timer_(*socket.worker(), [this] { give_up_unclaimed(); }) {
        house_->lanes[index_] = this;
    }
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    ~Lane() override {
        while (!viewers_.empty()) end(SessionRef(viewers_.begin()->second), {});
        house_->lanes[index_] = nullptr;
    }

    bool received(ByteView datagram, const net::SocketAddress& from) override {
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
        if (found->second.lane == index_) {
            take(found->second.session, datagram, traffic);
        } else {
            house_->post(found->second.lane,
                         [session = found->second.session, bytes = Bytes(datagram.begin(), datagram.end()),
                          traffic](Lane& lane) { lane.take(session, bytes, traffic); });
        }
        return true;
    }

    void writable() override {
        std::vector<SessionRef> all;
        for (const auto& [id, session] : viewers_)
            if (session->connected) all.push_back(session);
        for (const SessionRef& session : all)
            if (session->events) session->events->writable();
    }

    // The viewer has no worker yet, and may never have one.
    void wait_for(const SessionRef& session) {
        unclaimed_.push_back(session);
        if (unclaimed_.size() == 1) unclaimed_timer_.at(unclaimed_deadline(*session));
    }

    // An authenticated check; the viewer is ours.
    void on_check(const SessionRef& session, const net::SocketAddress& from, bool nominates) {
        if (!session->events) return;
        if (!session->timer) {
            session->home = socket_.worker();
            session->socket = &socket_;
            session->timer = std::make_unique<net::Worker::Timer>(
                *socket_.worker(), [this, session = session.get()] { on_deadline(*session); });
            session->timer->at(session->consent.deadline());
            viewers_[session->id] = session;
        }
        if (session->consent.on_check(to_core(from), nominates, net::now()))
            session->at = from_core(*session->consent.address());
    }

    // The last that happens to a viewer of ours; with a reason when it is not the owner's wish.
    void end(const SessionRef& session, const std::optional<Error>& why) {
        if (!session->events) return;
        auto events = std::exchange(session->events, nullptr);
        session->timer.reset();
        session->socket = nullptr;
        house_->table.remove(*session);
        if (session->handshaking) house_->handshakes->stop(session->id);
        viewers_.erase(session->id);
        for (std::size_t lane = 0; lane < house_->lanes.size(); ++lane)
            if (lane != index_) house_->post(lane, [id = session->id](Lane& other) { other.forget(id); });
        forget(session->id);
        if (why) events->gone(*why);
    }

  private:
    struct Route {
        SessionRef session;
        std::size_t lane = 0;
    };

    void on_stun(ByteView datagram, const net::SocketAddress& from) {
        SessionRef session;
        StunOutcome outcome = stun_.receive(datagram, to_core(from), [&](std::string_view ufrag) {
            session = house_->table.find(ufrag);
            return session ? std::string_view(session->local.password) : std::string_view();
        });
        if (!outcome.reply.empty()) send_one(from, outcome.reply);
        auto lane = outcome.check ? house_->table.claim(*session, index_) : std::nullopt;
        ++(lane ? house_->counters.checks : house_->counters.refused);
        if (!lane) return;
        learn(from, {session, *lane});
        const bool nominates = outcome.check->use_candidate;
        if (*lane == index_)
            on_check(session, from, nominates);
        else
            house_->post(*lane, [session, from, nominates](Lane& owner) { owner.on_check(session, from, nominates); });
    }

    void learn(const net::SocketAddress& from, const Route& route) {
        Route& known = by_address_[from];
        if (known.session == route.session) return;
        known = route;
        auto& addresses = addresses_[route.session->id];
        addresses.push_back(from);
        if (addresses.size() <= kMostAddresses) return;
        // The oldest. If the viewer is still there, its next check is only seconds away.
        forget_address(addresses.front(), route.session->id);
        addresses.pop_front();
    }
    void forget(std::uint64_t id) {
        auto found = addresses_.find(id);
        if (found == addresses_.end()) return;
        for (const net::SocketAddress& address : found->second) forget_address(address, id);
        addresses_.erase(found);
    }
    // Another viewer may have it by now.
    void forget_address(const net::SocketAddress& address, std::uint64_t id) {
        auto found = by_address_.find(address);
        if (found != by_address_.end() && found->second.session->id == id) by_address_.erase(found);
    }

    void take(const SessionRef& session, ByteView datagram, Traffic traffic) {
        if (!session->events || !session->timer) return;
        if (traffic == Traffic::dtls) return shake_hands(session, datagram);
        if (session->connected) session->events->rtcp(datagram, net::now());
    }

    void shake_hands(const SessionRef& session, ByteView datagram) {
        if (!std::exchange(session->handshaking, true)) {
            auto with_lane = [house = std::weak_ptr<House>(house_), index = index_,
                              viewer = std::weak_ptr<Session>(session)](auto&& act) {
                auto home = house.lock();
                auto living = viewer.lock();
                if (home && living && home->lanes[index] != nullptr && living->events) act(*home->lanes[index], living);
            };
            HandshakeSink sink;
            sink.worker = socket_.worker();
            sink.output = [with_lane](const std::vector<Bytes>& datagrams) {
                with_lane([&](Lane& lane, const SessionRef& to) {
                    for (const Bytes& each : datagrams) lane.send_one(to->at, each);
                });
            };
            sink.done = [with_lane](const Result<SrtpKeys>& keys) {
                with_lane([&](Lane& lane, const SessionRef& of) { lane.on_keys(of, keys); });
            };
            sink.closed = [with_lane] {
                with_lane([](Lane& lane, const SessionRef& of) {
                    lane.end(of, Error{Fault::peer_gone, "the viewer closed the connection"});
                });
            };
            house_->handshakes->start(session->id, house_->dtls, session->peer, std::move(sink));
        }
        if (!house_->handshakes->receive(session->id, datagram)) ++house_->counters.overrun;
    }

    void on_keys(const SessionRef& session, const Result<SrtpKeys>& keys) {
        if (!keys) return end(session, keys.error());
        session->connected = true;
        session->consent.on_connected();
        session->timer->at(session->consent.deadline());
        session->events->connected(session, *keys);
    }

    void on_deadline(Session& session) {
        const Liveness liveness = session.consent.liveness(net::now());
        if (liveness == Liveness::alive) return session.timer->at(session.consent.deadline());
        SessionRef held = viewers_.at(session.id);
        end(held, why_gone(liveness));
    }

    static Error why_gone(Liveness liveness) {
        return {Fault::peer_gone, liveness == Liveness::consent_lost ? "the viewer stopped answering"
                                                                     : "the viewer did not connect in time"};
    }

    void give_up_unclaimed() {
        const TimePoint time = net::now();
        while (!unclaimed_.empty()) {
            auto session = unclaimed_.front().lock();
            if (session && unclaimed_deadline(*session) > time)
                return unclaimed_timer_.at(unclaimed_deadline(*session));
            unclaimed_.pop_front();
            if (!session || !house_->table.remove(*session, true).was_there) continue;
            auto events = std::exchange(session->events, nullptr);
            if (events) events->gone(why_gone(Liveness::never_connected));
        }
    }
    [[nodiscard]] TimePoint unclaimed_deadline(const Session& session) const {
        return session.created + house_->patience.connect_within;
    }

    // What does not fit is lost, as it may be on the way.
    void send_one(const net::SocketAddress& to, const Bytes& datagram) {
        const net::UdpMessage message{to, datagram, 0};
        socket_.send({&message, 1});
    }

    const std::shared_ptr<House> house_;
    const std::size_t index_;
    net::UdpSocket& socket_;
    StunServer stun_;
    std::unordered_map<std::uint64_t, SessionRef> viewers_;
    std::unordered_map<net::SocketAddress, Route> by_address_;  // of any worker's viewers, who checked from there
    std::unordered_map<std::uint64_t, std::deque<net::SocketAddress>> addresses_;  // of by_address_, the newest last
    std::deque<std::weak_ptr<Session>> unclaimed_;                                 // in the order of their deadlines
    net::Worker::Timer unclaimed_timer_;
};

class TheEndpoint : public Endpoint, public std::enable_shared_from_this<TheEndpoint> {
  public:
    TheEndpoint(std::shared_ptr<Book::Claim> claim, std::shared_ptr<net::UdpPort> port, std::shared_ptr<House> house)
        : claim_(std::move(claim)), port_(std::move(port)), house_(std::move(house)) {
        house_->workers = port_->workers();
        house_->lanes.resize(house_->workers.size());
        attachment_ = port_->attach([this, index = std::size_t{0}](net::UdpSocket& socket) mutable {
            return std::make_unique<Lane>(house_, index++, socket);
        });
    }

    Result<std::unique_ptr<Registration>> admit(const IceCredentials& local, const Fingerprint& peer,
                                                std::shared_ptr<SessionEvents> events) override {
        auto session =
            std::make_shared<Session>(house_->handshakes->next_id(), local, peer, std::move(events), house_->patience);
        if (!house_->table.add(session)) return fail(Fault::refused, "there is a viewer " + local.ufrag + " already");
        house_->post(0, [session](Lane& lane) { lane.wait_for(session); });
        return std::make_unique<Viewer>(shared_from_this(), std::move(session));
    }

    [[nodiscard]] Result<std::vector<HostCandidate>> candidates(
        const std::vector<std::string>& advertise) const override {
        std::vector<HostCandidate> all;
        auto add = [&](const std::string& host, std::uint16_t port) {
            auto same = [&](const HostCandidate& each) { return each.address == host && each.port == port; };
            if (std::ranges::none_of(all, same)) all.push_back({HostCandidate::Transport::udp, host, port});
        };
        for (const std::string& text : advertise) {
            auto address = advertised(text);
            if (!address) return tl::unexpected(address.error());
            add(address->host, address->port != 0 ? address->port : port_->port());
        }
        if (!advertise.empty()) return all;
        if (!port_->host().empty()) {
            add(port_->host(), port_->port());
            return all;
        }
        for (const auto& address : net::machine_addresses())
            if (!address.is_v6 || port_->has_v6()) add(address.host(), port_->port());
        return all;
    }

    [[nodiscard]] const Fingerprint& fingerprint() const override { return house_->certificate.fingerprint(); }
    [[nodiscard]] std::uint16_t port() const override { return port_->port(); }
    [[nodiscard]] EndpointCounters counters() const override {
        const Counters& of = house_->counters;
        return {of.checks, of.refused, of.unroutable, of.overrun};
    }

  private:
    class Viewer : public Registration {
      public:
        Viewer(std::shared_ptr<TheEndpoint> endpoint, SessionRef session)
            : endpoint_(std::move(endpoint)), session_(std::move(session)) {}
        Viewer(const Viewer&) = delete;
        Viewer& operator=(const Viewer&) = delete;
        ~Viewer() override {
            auto removed = endpoint_->house_->table.remove(*session_);
            if (removed.lane)
                endpoint_->house_->post(*removed.lane, [session = session_](Lane& lane) { lane.end(session, {}); });
        }

      private:
        const std::shared_ptr<TheEndpoint> endpoint_;
        const SessionRef session_;
    };

    // Port 0: as it is here.
    static Result<net::ListenAddress> advertised(const std::string& text) {
        const bool bare_v6 = text.find(':') != text.rfind(':') && text.front() != '[';
        const bool has_port = !bare_v6 && text.find(':') != std::string::npos && text.back() != ']';
        auto parsed = net::ListenAddress::parse(has_port ? text : (bare_v6 ? "[" + text + "]" : text) + ":0");
        if (!parsed || parsed->host.empty())
            return fail(Fault::bad_input, "'" + text +
                                              "' is not an address to advertise; write ADDRESS or ADDRESS:PORT, such "
                                              "as 203.0.113.7 or [2001:db8::7]:8189");
        return *parsed;
    }

    const std::shared_ptr<Book::Claim> claim_;  // first, so that it goes last
    const std::shared_ptr<net::UdpPort> port_;
    const std::shared_ptr<House> house_;
    std::unique_ptr<net::UdpPort::Attachment> attachment_;
};

Result<std::shared_ptr<House>> make_house(const EndpointOptions& options) {
    auto certificate = Certificate::make(net::wall_now());
    if (!certificate) return tl::unexpected(certificate.error());
    auto dtls = DtlsContext::make(*certificate);
    if (!dtls) return tl::unexpected(dtls.error());
    return std::make_shared<House>(std::move(*certificate), std::move(*dtls), options);
}

}  // namespace

Result<std::shared_ptr<Endpoint>> Endpoint::at(const std::string& listen, const EndpointOptions& options) {
    const std::string asked = listen.empty() ? net::default_listen("webrtc", ":8189") : listen;
    auto address = net::ListenAddress::parse(asked);
    if (!address) return tl::unexpected(address.error());
    std::shared_ptr<Book::Claim> claim;
    if (address->port != 0) {
        if (auto living = Book::one().find_or_claim(address->text())) return living;
        claim = std::make_shared<Book::Claim>(address->text());
    }
    auto house = make_house(options);
    if (!house) return tl::unexpected(house.error());
    auto port = net::UdpPort::at(asked, options.udp);
    if (!port) return tl::unexpected(std::move(port.error()).while_("listening for WebRTC viewers"));
    if (!claim) {
        claim = std::make_shared<Book::Claim>(net::ListenAddress{address->host, (*port)->port()}.text());
        Book::one().find_or_claim(claim->key());
    }
    auto endpoint = std::make_shared<TheEndpoint>(claim, *port, *house);
    Book::one().fill(claim->key(), endpoint);
    return endpoint;
}

}  // namespace millrace::webrtc
