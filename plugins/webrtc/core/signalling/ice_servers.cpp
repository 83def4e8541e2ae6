// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/signalling/ice_servers.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "webrtc/core/sdp/words.hpp"

namespace millrace::webrtc {

namespace {

tl::unexpected<Error> not_a_server(std::string_view text) {
    return fail(Fault::bad_input, "'" + std::string(text) +
                                      "' is no STUN or TURN server; write stun://HOST:PORT or "
                                      "turn://USER:PASSWORD@HOST:PORT");
}

// RFC 7064 and 7065: a URI of these has no slashes, and its credentials are given apart.
Result<IceServer> parse_one(std::string_view text) {
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return not_a_server(text);
    const std::string_view scheme = text.substr(0, colon);
    std::string_view rest = text.substr(colon + 3);
    const bool stun = scheme == "stun" || scheme == "stuns";
    if (!stun && scheme != "turn" && scheme != "turns") return not_a_server(text);
    IceServer server;
    const auto at = rest.rfind('@');
    if ((at == std::string_view::npos) != stun) return not_a_server(text);
    if (!stun) {
        const std::string_view user = rest.substr(0, at);
        const auto split = user.find(':');
        if (split == std::string_view::npos || split == 0) return not_a_server(text);
        server.username = user.substr(0, split);
        server.credential = user.substr(split + 1);
        rest.remove_prefix(at + 1);
    }
    auto is_plain = [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"'; };
    if (rest.empty() || !std::ranges::all_of(rest, is_plain)) return not_a_server(text);
    server.url = std::string(scheme) + ":" + std::string(rest);
    return server;
}

}  // namespace

Result<std::vector<IceServer>> parse_ice_servers(std::string_view list) {
    std::vector<IceServer> servers;
    for (std::string_view text : list_items(list)) {
        auto server = parse_one(text);
        if (!server) return tl::unexpected(std::move(server).error());
        servers.push_back(std::move(*server));
    }
    return servers;
}

}  // namespace millrace::webrtc
