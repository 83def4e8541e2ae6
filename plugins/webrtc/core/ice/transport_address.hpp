// SPDX-License-Identifier: LGPL-2.1-or-later
// Where something came from, without a socket's types.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.hpp"

namespace millrace::webrtc {

struct TransportAddress {
    std::array<std::uint8_t, 16> ip{};  // of IPv4 the first four bytes, the rest zero
    bool is_v6 = false;
    std::uint16_t port = 0;
    bool tcp = false;  // the other end of a connection (RFC 6544), not of datagrams
    bool operator==(const TransportAddress&) const = default;

    [[nodiscard]] ByteView bytes() const { return ByteView(ip).first(is_v6 ? std::size_t{16} : std::size_t{4}); }
};

}  // namespace millrace::webrtc
