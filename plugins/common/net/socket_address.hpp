// SPDX-License-Identifier: LGPL-2.1-or-later
// The other end of a datagram, or this machine's: an address that is copied, compared and looked up in millions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

struct sockaddr_storage;

namespace millrace::net {

// Link-local IPv6 addresses need an interface besides and are not told apart by it here.
struct SocketAddress {
    std::array<std::uint8_t, 16> ip{};  // of IPv4 the first four bytes, the rest zero
    bool is_v6 = false;
    std::uint16_t port = 0;
    bool operator==(const SocketAddress&) const = default;

    // Empty host when it is none.
    static SocketAddress of(const std::string& host, std::uint16_t port);
    // An IPv4 peer of a dual-stack socket is an IPv4 address.
    static SocketAddress of(const sockaddr_storage& raw);
    // As a socket of `family` wants it; IPv4 for an IPv6 socket is mapped. Returns its length.
    unsigned write(int family, sockaddr_storage& raw) const;

    [[nodiscard]] bool is_any() const { return ip == std::array<std::uint8_t, 16>{}; }
    [[nodiscard]] std::string host() const;  // without brackets
    [[nodiscard]] std::string text() const;  // "127.0.0.1:52114", "[2001:db8::1]:52114"
};

// Where this machine can be reached: the addresses of its interfaces that are up, IPv4 first, with port 0. Loopback
// only when there is nothing else, or when asked for.
std::vector<SocketAddress> machine_addresses(bool with_loopback = false);

}  // namespace millrace::net

template <>
struct std::hash<millrace::net::SocketAddress> {
    std::size_t operator()(const millrace::net::SocketAddress& address) const noexcept {
        std::uint64_t halves[2];
        std::memcpy(halves, address.ip.data(), sizeof(halves));
        std::uint64_t mixed = (halves[0] * 0x9e3779b97f4a7c15U) ^ halves[1] ^ (std::uint64_t{address.port} << 32);
        mixed = (mixed ^ (mixed >> 29)) * 0xbf58476d1ce4e5b9U;
        return static_cast<std::size_t>(mixed ^ (mixed >> 32));
    }
};
