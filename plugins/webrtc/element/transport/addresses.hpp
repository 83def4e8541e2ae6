// SPDX-License-Identifier: LGPL-2.1-or-later
// The core's addresses are the network's, without its header.
#pragma once

#include <cstddef>
#include <functional>

#include "common/net/socket_address.hpp"
#include "webrtc/core/ice/transport_address.hpp"

namespace millrace::webrtc {

inline TransportAddress to_core(const net::SocketAddress& address) {
    return {address.ip, address.is_v6, address.port};
}
inline net::SocketAddress from_core(const TransportAddress& address) {
    return {address.ip, address.is_v6, address.port};
}

struct AddressHash {
    std::size_t operator()(const TransportAddress& address) const noexcept {
        return std::hash<net::SocketAddress>()(from_core(address)) ^ static_cast<std::size_t>(address.tcp);
    }
};

}  // namespace millrace::webrtc
