// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/net/log.hpp"

namespace millrace::net {

namespace {

constexpr int kBacklog = 1024;
constexpr int kAcceptsATurn = 64;
constexpr Duration kPauseWhenStarved = 100ms;

// A socket address of either family.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
    sockaddr_in& v4() { return reinterpret_cast<sockaddr_in&>(storage); }
    sockaddr_in6& v6() { return reinterpret_cast<sockaddr_in6&>(storage); }

    static SocketAddress of(int family, const ListenAddress& address) {
        SocketAddress made;
        made.storage.ss_family = static_cast<sa_family_t>(family);
        if (family == AF_INET) {
            made.length = sizeof(sockaddr_in);
            made.v4().sin_port = htons(address.port);
            if (!address.host.empty()) ::inet_pton(AF_INET, address.host.c_str(), &made.v4().sin_addr);
        } else {
            made.length = sizeof(sockaddr_in6);
            made.v6().sin6_port = htons(address.port);
            if (!address.host.empty()) ::inet_pton(AF_INET6, address.host.c_str(), &made.v6().sin6_addr);
        }
        return made;
    }

    std::uint16_t port() { return ntohs(storage.ss_family == AF_INET ? v4().sin_port : v6().sin6_port); }

    // "127.0.0.1:52114", also for an IPv4 peer of a dual-stack socket; "[2001:db8::1]:52114".
    std::string text() {
        std::array<char, INET6_ADDRSTRLEN> host{};
        if (storage.ss_family == AF_INET) {
            ::inet_ntop(AF_INET, &v4().sin_addr, host.data(), host.size());
        } else if (IN6_IS_ADDR_V4MAPPED(&v6().sin6_addr)) {
            ::inet_ntop(AF_INET, v6().sin6_addr.s6_addr + 12, host.data(), host.size());
        } else {
            ::inet_ntop(AF_INET6, &v6().sin6_addr, host.data(), host.size());
            return "[" + std::string(host.data()) + "]:" + std::to_string(port());
        }
        return std::string(host.data()) + ":" + std::to_string(port());
    }
};

void set_option(int socket, int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof(value));
}

// A listening socket, or none and errno.
Descriptor try_listen(int family, const ListenAddress& address, bool shared) {
    Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return {};
    set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (shared) set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (family == AF_INET6) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, address.host.empty() ? 0 : 1);
    auto at = SocketAddress::of(family, address);
    if (::bind(socket.get(), at.raw(), at.length) != 0) return {};
    if (::listen(socket.get(), kBacklog) != 0) return {};
    return socket;
}

}  // namespace

bool is_without_ipv6(int error) {
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}

Error cannot_listen(const ListenAddress& address, int error) {
    std::string what = "cannot listen at " + address.text() + ": ";
    std::string port = std::to_string(address.port);
    switch (error) {
        case EADDRINUSE:
            what += "port " + port + " is in use; choose another with listen=…, or stop who has it";
            break;
        case EACCES:
            what += "port " + port + " needs privileges; choose one from 1024 on with listen=…";
            break;
        case EADDRNOTAVAIL:
            what += "this machine has no such address; :" + port + " means all it has";
            break;
        default:
            what += std::strerror(error);
    }
    return {Fault::no_resource, what};
}

Result<Listening> listen_at(const ListenAddress& address, bool shared) {
    bool v4 = !address.host.empty() && address.host.find(':') == std::string::npos;
    Descriptor socket = try_listen(v4 ? AF_INET : AF_INET6, address, shared);
    if (!socket && address.host.empty() && is_without_ipv6(errno)) socket = try_listen(AF_INET, address, shared);
    if (!socket) return tl::unexpected(cannot_listen(address, errno));
    SocketAddress bound;
    bound.length = sizeof(bound.storage);
    ::getsockname(socket.get(), bound.raw(), &bound.length);
    return Listening{std::move(socket), bound.port()};
}

Result<std::unique_ptr<Listener>> Listener::open(const ListenAddress& address, std::shared_ptr<Worker> worker) {
    auto listening = listen_at(address);
    if (!listening) return tl::unexpected(listening.error());
    return std::unique_ptr<Listener>(new Listener(std::move(listening->socket), listening->port, std::move(worker)));
}

Listener::Listener(Descriptor socket, std::uint16_t port, std::shared_ptr<Worker> worker)
    : socket_(std::move(socket)), port_(port), worker_(std::move(worker)) {}

Listener::~Listener() {
    close();
}

void Listener::start(Accepted accepted) {
    worker_->run([&] {
        accepted_ = std::move(accepted);
        watch_ = std::make_unique<Worker::Watch>(*worker_, socket_.get(), [this](auto) { accept_waiting(); });
        pause_ = std::make_unique<Worker::Timer>(*worker_, [this] { watch_->want(true, false); });
        watch_->want(true, false);
    });
}

void Listener::close() {
    if (!socket_) return;
    worker_->run([this] {
        pause_.reset();
        watch_.reset();
        socket_ = Descriptor();
    });
}

void Listener::accept_waiting() {
    for (int i = 0; i < kAcceptsATurn; ++i) {
        SocketAddress peer;
        peer.length = sizeof(peer.storage);
        Descriptor socket(::accept4(socket_.get(), peer.raw(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket) {
            starved_ = false;
            set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
            accepted_(std::move(socket), peer.text());
            continue;
        }
        if (errno == EAGAIN) return;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            // The connection stays in the backlog, so the socket stays readable: wait, or the loop would spin.
            if (!std::exchange(starved_, true))
                log_notice("port " + std::to_string(port_) + ": cannot accept connections for now: " +
                           std::strerror(errno) + "; raise the limit of open files (ulimit -n)");
            watch_->want(false, false);
            pause_->at(now() + kPauseWhenStarved);
            return;
        }
        // Anything else is about the one connection that died in the backlog (accept(2)).
    }
}

}  // namespace millrace::net
