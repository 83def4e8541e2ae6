// SPDX-License-Identifier: LGPL-2.1-or-later
// "[ADDRESS]:PORT" as people write it. Parses text; opens nothing and resolves nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace millrace::net {

struct ListenAddress {
    std::string host;        // an IPv4 or IPv6 address without brackets; "" = every address of the machine
    std::uint16_t port = 0;  // 0 = any free one

    // ":8080", "127.0.0.1:8080", "[::1]:8080", "localhost:8080"; "0.0.0.0", "[::]" and "*" are every address.
    static Result<ListenAddress> parse(std::string_view text);

    // One spelling per address: ":8080", "127.0.0.1:8080", "[::1]:8080".
    [[nodiscard]] std::string text() const;
    // The host as a client on this machine writes it in a URL: "localhost", "127.0.0.1", "[::1]".
    [[nodiscard]] std::string url_host() const;

    bool operator==(const ListenAddress&) const = default;
};

}  // namespace millrace::net
