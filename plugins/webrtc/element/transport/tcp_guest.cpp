// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/tcp_guest.hpp"

#include <utility>

#include "common/net/listen_address.hpp"

namespace millrace::webrtc {

namespace {

// Who watches checks every few seconds.
constexpr Duration kSilence = 30s;

TransportAddress address_of(const std::string& peer) {
    auto parsed = net::ListenAddress::parse(peer);
    TransportAddress address =
        parsed ? to_core(net::SocketAddress::of(parsed->host, parsed->port)) : TransportAddress();
    address.tcp = true;
    return address;
}

}  // namespace

TcpGuest::TcpGuest(const std::shared_ptr<net::TcpConnection>& connection, TcpPaths& paths, Take take, TimePoint now)
    : paths_(paths),
      take_(std::move(take)),
      peer_(address_of(connection->peer())),
      path_(std::make_shared<TcpPath>(connection)),
      heard_(now) {
    paths_.add(peer_, path_);
}

Result<> TcpGuest::receive(ByteView bytes, TimePoint now) {
    heard_ = now;
    return deframer_.push(bytes, [this](ByteView datagram) { take_(datagram, peer_); });
}

Result<> TcpGuest::tick(TimePoint now) {
    if (now < deadline()) return {};
    return fail(Fault::peer_gone, "nothing came over TCP for 30 s");
}

TimePoint TcpGuest::deadline() const {
    return heard_ + kSilence;
}

}  // namespace millrace::webrtc
