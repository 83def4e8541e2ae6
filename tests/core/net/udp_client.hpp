// SPDX-License-Identifier: LGPL-2.1-or-later
// The other end of a UDP port under test: a blocking client on the loopback.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/net/listen_address.hpp"
#include "common/net/socket_address.hpp"

namespace millrace::test {

class UdpClient {
  public:
    explicit UdpClient(int family = AF_INET, int shares = 0)
        : family_(family), socket_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        timeval patience{.tv_sec = 20, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        ::setsockopt(socket_, SOL_SOCKET, SO_REUSEPORT, &shares, sizeof(shares));
        sockaddr_storage raw{};
        socklen_t length = server(0).write(family, raw);
        ::bind(socket_, reinterpret_cast<sockaddr*>(&raw), length);
        length = sizeof(raw);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&raw), &length);
        address_ = net::SocketAddress::of(raw);
    }
    ~UdpClient() { ::close(socket_); }
    UdpClient(const UdpClient&) = delete;
    UdpClient& operator=(const UdpClient&) = delete;

    void send(std::uint16_t port, std::string_view text) { send(port, as_bytes(text)); }
    void send(std::uint16_t port, ByteView bytes) {
        sockaddr_storage raw{};
        const socklen_t length = server(port).write(family_, raw);
        ::sendto(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&raw), length);
    }
    // The next `count` datagrams, or as many as come.
    std::vector<Bytes> receive(std::size_t count) {
        std::vector<Bytes> all;
        while (all.size() < count) {
            Bytes datagram = next();
            if (datagram.empty()) break;
            all.push_back(std::move(datagram));
        }
        return all;
    }
    // Empty when none comes in time; with MSG_DONTWAIT, when none is there.
    Bytes next(int flags = 0) {
        Bytes datagram(70'000);
        const ssize_t size = ::recv(socket_, datagram.data(), datagram.size(), flags);
        datagram.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return datagram;
    }

    [[nodiscard]] const net::SocketAddress& address() const { return address_; }
    [[nodiscard]] int descriptor() const { return socket_; }

  private:
    [[nodiscard]] net::SocketAddress server(std::uint16_t port) const {
        return net::SocketAddress::of(family_ == AF_INET ? "127.0.0.1" : "::1", port);
    }

    int family_;
    int socket_;
    net::SocketAddress address_;
};

// Whether another process, or this one, could have the port to itself.
inline bool bindable(const std::string& at) {
    const auto address = net::ListenAddress::parse(at);
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_storage raw{};
    const socklen_t length = net::SocketAddress::of(address->host, address->port).write(AF_INET, raw);
    const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&raw), length) == 0;
    ::close(socket);
    return bound;
}

// This process's datagram sockets at the port.
inline std::vector<int> udp_descriptors_at(std::uint16_t port) {
    std::vector<int> found;
    for (int descriptor = 0; descriptor < 4096; ++descriptor) {
        sockaddr_storage raw{};
        socklen_t length = sizeof(raw);
        if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&raw), &length) != 0) continue;
        if (raw.ss_family != AF_INET && raw.ss_family != AF_INET6) continue;
        int type = 0;
        socklen_t type_length = sizeof(type);
        ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &type_length);
        if (type == SOCK_DGRAM && net::SocketAddress::of(raw).port == port) found.push_back(descriptor);
    }
    return found;
}

}  // namespace millrace::test
