// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/web/announce.hpp"

#include <utility>

#include "common/net/process_defaults.hpp"

namespace millrace::web {

namespace {

using Servers = std::vector<std::shared_ptr<net::HttpServer>>;

Result<Servers> servers_for(const std::string& listen, const std::shared_ptr<net::HttpServer>& given) {
    if (given) return Servers{given};
    Servers servers;
    auto add = [&](const std::string& at, std::optional<net::TlsFiles> tls) -> Result<> {
        auto server = net::HttpServer::at(at, std::move(tls));
        if (!server) return tl::unexpected(std::move(server).error());
        servers.push_back(std::move(*server));
        return {};
    };
    auto added = add(listen.empty() ? net::default_listen("http", ":8080") : listen, {});
    const std::string https = listen.empty() ? net::default_listen("https", "") : std::string();
    if (added && !https.empty()) added = add(https, net::default_tls());
    if (!added) return tl::unexpected(std::move(added).error());
    return servers;
}

}  // namespace

Result<Announcements> announce(const Output& output, const std::shared_ptr<net::HttpHandler>& handler,
                               const Site::Owns& owns, const std::string& listen,
                               const std::shared_ptr<net::HttpServer>& given) {
    auto servers = servers_for(listen, given);
    if (!servers) return tl::unexpected(std::move(servers).error());
    Announcements announcements;
    for (const auto& server : *servers) {
        auto site = Site::on(server);
        if (!site) return tl::unexpected(std::move(site).error());
        auto announcement = (*site)->announce(output, handler, owns);
        if (!announcement) return tl::unexpected(std::move(announcement).error());
        announcements.push_back(std::move(*announcement));
    }
    return announcements;
}

}  // namespace millrace::web
