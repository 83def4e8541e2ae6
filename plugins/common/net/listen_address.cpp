// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/listen_address.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <optional>

namespace millrace::net {

namespace {

constexpr std::string_view kForm = "write [ADDRESS]:PORT, such as :8080, 127.0.0.1:8080 or [::1]:8080";

tl::unexpected<Error> not_an_address(std::string_view text, const std::string& because) {
    return fail(Fault::bad_input,
                "'" + std::string(text) + "' is not a listen address: " + because + "; " + std::string(kForm));
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return port;
}

// The same address in the one spelling the system prints; nothing when it is none.
std::optional<std::string> canonical(int family, const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> binary{};
    std::array<char, INET6_ADDRSTRLEN> printed{};
    if (::inet_pton(family, host.c_str(), binary.data()) != 1) return {};
    return ::inet_ntop(family, binary.data(), printed.data(), printed.size());
}

}  // namespace

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
    auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        if (parse_port(text)) return not_an_address(text, "the ':' before the port is missing");
        return not_an_address(text, "it has no port");
    }
    auto port = parse_port(text.substr(colon + 1));
    if (!port) return not_an_address(text, "the port is a number from 0 to 65535");

    std::string host(text.substr(0, colon));
    if (host.empty() || host == "*" || host == "0.0.0.0") return ListenAddress{"", *port};
    if (host == "localhost") return ListenAddress{"127.0.0.1", *port};
    if (host.front() == '[' && host.back() == ']') {
        auto address = canonical(AF_INET6, host.substr(1, host.size() - 2));
        if (!address) return not_an_address(text, "between the brackets is no IPv6 address");
        return ListenAddress{*address == "::" ? "" : *address, *port};
    }
    if (host.find(':') != std::string::npos) return not_an_address(text, "an IPv6 address stands in brackets");
    auto address = canonical(AF_INET, host);
    if (!address) return not_an_address(text, "'" + host + "' is not an IP address of this machine");
    return ListenAddress{*address, *port};
}

std::string ListenAddress::text() const {
    bool brackets = host.find(':') != std::string::npos;
    return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string ListenAddress::url_host() const {
    if (host.empty()) return "localhost";
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace millrace::net
