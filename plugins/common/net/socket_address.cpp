// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/socket_address.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

namespace millrace::net {

SocketAddress SocketAddress::of(const std::string& host, std::uint16_t port) {
    SocketAddress made;
    made.port = port;
    if (::inet_pton(AF_INET, host.c_str(), made.ip.data()) == 1) return made;
    made.is_v6 = ::inet_pton(AF_INET6, host.c_str(), made.ip.data()) == 1;
    return made;
}

SocketAddress SocketAddress::of(const sockaddr_storage& raw) {
    SocketAddress made;
    if (raw.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(raw);
        std::memcpy(made.ip.data(), &v4.sin_addr, 4);
        made.port = ntohs(v4.sin_port);
    } else {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(raw);
        made.is_v6 = !IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
        const std::size_t from = made.is_v6 ? 0 : 12;
        std::memcpy(made.ip.data(), v6.sin6_addr.s6_addr + from, 16 - from);
        made.port = ntohs(v6.sin6_port);
    }
    return made;
}

unsigned SocketAddress::write(int family, sockaddr_storage& raw) const {
    if (family == AF_INET && !is_v6) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(raw);
        v4 = {};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&v4.sin_addr, ip.data(), 4);
        return sizeof(sockaddr_in);
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(raw);
    v6 = {};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (is_v6) {
        std::memcpy(&v6.sin6_addr, ip.data(), 16);
    } else {
        v6.sin6_addr.s6_addr[10] = v6.sin6_addr.s6_addr[11] = 0xff;
        std::memcpy(v6.sin6_addr.s6_addr + 12, ip.data(), 4);
    }
    return sizeof(sockaddr_in6);
}

std::string SocketAddress::host() const {
    std::array<char, INET6_ADDRSTRLEN> printed{};
    return ::inet_ntop(is_v6 ? AF_INET6 : AF_INET, ip.data(), printed.data(), printed.size());
}

std::string SocketAddress::text() const {
    return (is_v6 ? "[" + host() + "]" : host()) + ":" + std::to_string(port);
}

std::vector<SocketAddress> machine_addresses(bool with_loopback) {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return {};
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, ::freeifaddrs);
    std::vector<SocketAddress> found;
    std::vector<SocketAddress> loopback;
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_UP) == 0) continue;
        const int family = each->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        sockaddr_storage raw{};
        std::memcpy(&raw, each->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        SocketAddress address = SocketAddress::of(raw);
        address.port = 0;
        const bool link_local = address.is_v6 ? address.ip[0] == 0xfe && (address.ip[1] & 0xc0) == 0x80
                                              : address.ip[0] == 169 && address.ip[1] == 254;
        if (link_local) continue;
        auto& list = (each->ifa_flags & IFF_LOOPBACK) != 0 ? loopback : found;
        if (std::ranges::find(list, address) == list.end()) list.push_back(address);
    }
    if (found.empty() || with_loopback) found.insert(found.end(), loopback.begin(), loopback.end());
    std::ranges::stable_sort(found, {}, &SocketAddress::is_v6);
    return found;
}

}  // namespace millrace::net
