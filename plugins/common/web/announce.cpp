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

// What `join` gives for the site of each of the servers.
template <class Joined, class Join>
Result<std::vector<Joined>> join_sites(const std::string& listen, const std::shared_ptr<net::HttpServer>& given,
                                       const Join& join) {
    auto servers = servers_for(listen, given);
    if (!servers) return tl::unexpected(std::move(servers).error());
    std::vector<Joined> all;
    for (const auto& server : *servers) {
        auto site = Site::on(server);
        if (!site) return tl::unexpected(std::move(site).error());
        Result<Joined> joined = join(**site);
        if (!joined) return tl::unexpected(std::move(joined).error());
        all.push_back(std::move(*joined));
    }
    return all;
}

}  // namespace

Result<Announcements> announce(const Output& output, const std::shared_ptr<net::HttpHandler>& handler,
                               const Site::Owns& owns, const std::string& listen,
                               const std::shared_ptr<net::HttpServer>& given) {
    return join_sites<std::unique_ptr<Site::Announcement>>(
        listen, given, [&](Site& site) { return site.announce(output, handler, owns); });
}

Result<OpenEntrances> open_entrances(const std::string& resource, const std::shared_ptr<net::HttpHandler>& handler,
                                     const std::string& listen, const std::shared_ptr<net::HttpServer>& given) {
    return join_sites<std::unique_ptr<Site::Entrance>>(
        listen, given, [&](Site& site) { return site.open_entrance(resource, handler); });
}

}  // namespace millrace::web
