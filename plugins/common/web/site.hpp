// SPDX-License-Identifier: LGPL-2.1-or-later
// The pages of an HTTP server: the index of live paths, and a player page for every path that has an output.
// Outputs announce themselves; the site knows a path only by what was announced, and an output only by its kind's name.
// Who takes publishers opens an entrance, which is at every path.
//
// The site owns the server's "/". Below a path's page it hands each request to the output that owns the resource, so
// that several outputs share a path. Who wants a prefix of its own (an API, metrics) mounts it on the server: the
// longest prefix wins.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/net/http.hpp"

namespace millrace::web {

struct Output {
    std::string path;  // "live/cam1"
    std::string kind;  // "hls", "whep", what the player page looks for
    std::string url;   // relative to the player page: "index.m3u8"; empty = nothing to open, and not listed
};

class Site {
  public:
    // The site of `server`, made on first use and gone with its last user. Fails with refused when "/" is taken.
    static Result<std::shared_ptr<Site>> on(const std::shared_ptr<net::HttpServer>& server);
    virtual ~Site() = default;

    // Keeps the output's page and resources there, and the site and its server, until destroyed. Losing it returns only
    // when no call of its handler is running; not from inside that handler.
    class Announcement {
      public:
        virtual ~Announcement() = default;
        // When the last request at or below the path came, TimePoint() when none did: for run: on-demand.
        [[nodiscard]] virtual TimePoint last_request() const = 0;
        // Somebody is served by other ways than requests. To everyone at this path it is as if one had just come.
        virtual void in_use() = 0;
    };

    // Whether an output answers `resource`, which is relative to the path's page: "index.m3u8", "video_0/12.m4s".
    // Called on any worker, concurrently. "" and "outputs.json" are the site's own and never asked for.
    using Owns = std::function<bool(std::string_view resource)>;

    // Requests for what `owns` says go to `handler` (where several outputs say so, to the first announced); the
    // exchange's path() stays whole. Both may be empty for an output that is served elsewhere.
    // Fails with refused when the path already has an output of this kind, and with bad_input for a path that cannot
    // be a URL of the site.
    virtual Result<std::unique_ptr<Announcement>> announce(Output output, std::shared_ptr<net::HttpHandler> handler,
                                                           Owns owns) = 0;

    // Keeps an entrance open, and the site and its server, until destroyed. Losing it returns only when no call of its
    // handler is running; not from inside that handler.
    class Entrance {
      public:
        virtual ~Entrance() = default;
    };

    // Requests for `resource` ("whip") and what is below it go to `handler` at any path, whether or not that has an
    // output, except where an output of the path owns it: split_at_resource() of listing.hpp says what was meant. They
    // are neither a demand nor a viewer's request. While any entrance is open, "/PATH/publish" is a page to publish by.
    // Fails with refused when the resource has a handler already.
    virtual Result<std::unique_ptr<Entrance>> open_entrance(std::string resource,
                                                            std::shared_ptr<net::HttpHandler> handler) = 0;

    [[nodiscard]] virtual std::vector<Output> outputs() const = 0;

    // Asked, on a worker, for a path nobody announced: true = it is being started, hold the request until an output
    // that owns it is announced or 10 s have passed (404). For run: on-demand. One asker a site; nullptr to clear,
    // which returns only when it is not being asked.
    using Demand = std::function<bool(const std::string& path)>;
    virtual void set_demand(Demand demand) = 0;
};

}  // namespace millrace::web
