// SPDX-License-Identifier: LGPL-2.1-or-later
// The pages of an HTTP server: the index of live paths, and a player page for every path that has an output.
// Outputs announce themselves; the site knows a path only by what was announced.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/net/http.hpp"

namespace millrace::web {

struct Output {
    std::string path;  // "live/cam1"
    std::string kind;  // "hls", "whep", later "whip": what the player page looks for
    std::string url;   // relative to the player page: "index.m3u8"
};

class Site {
  public:
    // The site of `server`, made on first use and gone with its last user.
    static std::shared_ptr<Site> on(const std::shared_ptr<net::HttpServer>& server);
    virtual ~Site() = default;

    // Keeps the announcement, and with it the page, until destroyed.
    class Announcement {
      public:
        virtual ~Announcement() = default;
    };
    virtual std::unique_ptr<Announcement> announce(Output output) = 0;

    [[nodiscard]] virtual std::vector<Output> outputs() const = 0;

    // Asked, on a worker, for a path nobody announced: true = it is being started, hold the request until it is
    // announced or `patience` ends (404). For run: on-demand. One asker a site; nullptr to clear.
    using Demand = std::function<bool(const std::string& path)>;
    virtual void set_demand(Demand demand) = 0;
};

}  // namespace millrace::web
