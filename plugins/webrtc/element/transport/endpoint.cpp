// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/endpoint.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "common/net/address_book.hpp"
#include "common/net/listen_address.hpp"
#include "common/net/log.hpp"
#include "common/net/process_defaults.hpp"
#include "common/net/tcp.hpp"
#include "webrtc/element/transport/lane.hpp"
#include "webrtc/element/transport/session.hpp"
#include "webrtc/element/transport/tcp_guest.hpp"

namespace millrace::webrtc {

namespace {

using Book = net::AddressBook<Endpoint>;

class TheEndpoint : public Endpoint, public std::enable_shared_from_this<TheEndpoint> {
  public:
    TheEndpoint(std::shared_ptr<Book::Claim> claim, std::shared_ptr<net::UdpPort> port, std::shared_ptr<House> house)
        : claim_(std::move(claim)), port_(std::move(port)), house_(std::move(house)) {
        house_->workers = port_->workers();
        house_->lanes.resize(house_->workers.size());
        attachment_ = port_->attach([this, index = std::size_t{0}](net::UdpSocket& socket) mutable {
            return std::make_unique<Lane>(house_, index++, socket);
        });
        listen_by_tcp();
    }

    Result<std::unique_ptr<Registration>> admit(const IceCredentials& local, const Fingerprint& peer,
                                                std::shared_ptr<SessionEvents> events) override {
        auto session = std::make_shared<Session>(house_->handshakes->next_id(), peer, std::move(events), net::now(),
                                                 house_->patience);
        if (!house_->table.add(session, local))
            return fail(Fault::refused, "there is a peer " + local.ufrag + " already");
        house_->post(0, [session](Lane& lane) { lane.wait_for(session); });
        return std::make_unique<Guest>(shared_from_this(), std::move(session));
    }

    [[nodiscard]] Result<std::vector<HostCandidate>> candidates(
        const std::vector<std::string>& advertise) const override {
        std::vector<HostCandidate> all;
        auto add = [&](const std::string& host, std::uint16_t port) {
            auto same = [&](const HostCandidate& each) { return each.address == host && each.port == port; };
            if (std::ranges::any_of(all, same)) return;
            all.push_back({HostCandidate::Transport::udp, host, port});
            if (tcp_) all.push_back({HostCandidate::Transport::tcp, host, port});
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

    [[nodiscard]] bool has_tcp() const { return tcp_ != nullptr; }
    [[nodiscard]] const std::string& key() const { return claim_->key(); }

    [[nodiscard]] const Fingerprint& fingerprint() const override { return house_->certificate.fingerprint(); }
    [[nodiscard]] std::uint16_t port() const override { return port_->port(); }
    [[nodiscard]] const std::vector<std::shared_ptr<net::Worker>>& workers() const override { return port_->workers(); }
    [[nodiscard]] EndpointCounters counters() const override {
        const House::Counters& of = house_->counters;
        return {of.checks, of.refused, of.unroutable, of.overrun};
    }

  private:
    class Guest : public Registration {
      public:
        Guest(std::shared_ptr<TheEndpoint> endpoint, SessionRef session)
            : endpoint_(std::move(endpoint)), session_(std::move(session)) {}
        Guest(const Guest&) = delete;
        Guest& operator=(const Guest&) = delete;
        ~Guest() override {
            auto removed = endpoint_->house_->table.remove(*session_);
            if (!removed.lane) return;
            endpoint_->house_->post(*removed.lane, [session = session_](Lane& lane) {
                lane.end(session, {Fault::refused, "the session was ended"});
            });
        }
        Result<> restart(const IceCredentials& local) override {
            if (endpoint_->house_->table.rename(*session_, local)) return {};
            return fail(Fault::peer_gone, "it is gone");
        }

      private:
        const std::shared_ptr<TheEndpoint> endpoint_;
        const SessionRef session_;
    };

    // On the same port number, for peers behind firewalls. It may be somebody else's; then there is UDP alone.
    void listen_by_tcp() {
        auto make = [this](const std::shared_ptr<net::TcpConnection>& connection) {
            const std::size_t lane = next_lane_++ % house_->lanes.size();
            auto take = [house = house_, lane](ByteView datagram, const TransportAddress& from) {
                house->post(lane, [bytes = Bytes(datagram.begin(), datagram.end()), from](Lane& of) {
                    of.received_from(bytes, from);
                });
            };
            return std::make_unique<TcpGuest>(connection, house_->tcp, std::move(take), net::now());
        };
        auto server = net::TcpServer::listen(net::ListenAddress{port_->host(), port_->port()}.text(), make);
        if (server) tcp_ = std::move(*server);
    }

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
    std::atomic<std::size_t> next_lane_{0};  // that a connection's datagrams go to
    std::unique_ptr<net::TcpServer> tcp_;    // first to go
};

Result<std::shared_ptr<House>> make_house(const EndpointOptions& options) {
    auto certificate = Certificate::make(net::wall_now());
    if (!certificate) return tl::unexpected(certificate.error());
    auto dtls = DtlsContext::make(*certificate);
    if (!dtls) return tl::unexpected(dtls.error());
    return std::make_shared<House>(std::move(*certificate), std::move(*dtls), options.patience);
}

// Without a claim the port is a free one, and the claim is made of what it turned out to be.
Result<std::shared_ptr<TheEndpoint>> open(const net::ListenAddress& address, std::shared_ptr<Book::Claim> claim,
                                          const EndpointOptions& options) {
    auto house = make_house(options);
    if (!house) return tl::unexpected(house.error());
    auto port = net::UdpPort::at(address.text(), options.udp);
    if (!port) return tl::unexpected(std::move(port.error()).while_("listening for WebRTC"));
    if (!claim) {
        claim = std::make_shared<Book::Claim>(net::ListenAddress{address.host, (*port)->port()}.text());
        Book::one().find_or_claim(claim->key());
    }
    return std::make_shared<TheEndpoint>(std::move(claim), *port, *house);
}

// Where any port will do, one that is free by either protocol.
Result<std::shared_ptr<TheEndpoint>> open_anywhere(const net::ListenAddress& address, const EndpointOptions& options) {
    constexpr int kTries = 16;
    auto endpoint = open(address, nullptr, options);
    for (int tries = 1; tries < kTries && endpoint && !(*endpoint)->has_tcp(); ++tries)
        endpoint = open(address, nullptr, options);
    return endpoint;
}

}  // namespace

Result<std::shared_ptr<Endpoint>> Endpoint::at(const std::string& listen, const EndpointOptions& options) {
    auto address = net::ListenAddress::parse(listen.empty() ? net::default_listen("webrtc", ":8189") : listen);
    if (!address) return tl::unexpected(address.error());
    std::shared_ptr<Book::Claim> claim;
    if (address->port != 0) {
        if (auto living = Book::one().find_or_claim(address->text())) return living;
        claim = std::make_shared<Book::Claim>(address->text());
    }
    auto endpoint = claim ? open(*address, claim, options) : open_anywhere(*address, options);
    if (!endpoint) return tl::unexpected(std::move(endpoint).error());
    if (!(*endpoint)->has_tcp())
        net::log_notice("WebRTC is served by UDP alone: somebody else has TCP port " +
                        std::to_string((*endpoint)->port()));
    Book::one().fill((*endpoint)->key(), *endpoint);
    return *endpoint;
}

}  // namespace millrace::webrtc
