// SPDX-License-Identifier: LGPL-2.1-or-later
// What a site has below "/", and who of its outputs and entrances gets which request. Knows neither site nor server.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/thread.hpp"
#include "common/net/gate.hpp"
#include "common/net/http.hpp"
#include "common/web/entrances.hpp"
#include "common/web/listing.hpp"
#include "common/web/site.hpp"

namespace millrace::web {

// One announced output.
struct Entry {
    Entry(Output what, std::shared_ptr<net::HttpHandler> answers, Site::Owns which)
        : output(std::move(what)), handler(std::move(answers)), owns(std::move(which)) {}

    const Output output;
    const std::shared_ptr<net::HttpHandler> handler;
    const Site::Owns owns;
    net::Gate gate;  // of calls to either
    std::atomic<TimePoint> last_request{TimePoint()};
};

// Everything below "/". Outlives the Site only for as long as a worker is in it, and holds neither site nor server.
class Pages final : public net::HttpHandler, public std::enable_shared_from_this<Pages> {
  public:
    void handle(net::HttpExchange exchange) override;
    [[nodiscard]] bool wants_options() const override { return true; }

    Result<std::shared_ptr<Entry>> add(Output output, std::shared_ptr<net::HttpHandler> handler, Site::Owns owns);
    void remove(const std::shared_ptr<Entry>& entry);
    void in_use(const std::string& path);
    [[nodiscard]] std::vector<Output> outputs() const;
    void set_demand(Site::Demand demand);
    // Answers the requests that wait for a path: nothing comes any more.
    void refuse_held();

    Entrances entrances;

  private:
    struct Asker;
    struct Held;

    // What a URL leads to.
    enum class Place {
        own,      // the site's: the index and the pages' files
        nowhere,  // no path with an output
        page_without_slash,
        page,
        outputs,
        resource,  // of an output
        unowned,   // below a path, but none of its outputs'
        entrance,
        publish,
        publish_with_slash,
    };
    struct Route {
        Place place = Place::nowhere;
        Listing<Entry>::Entries entries;  // the path's
        std::shared_ptr<Entry> owner;     // of a resource
        std::shared_ptr<Door> door;       // of an entrance
    };

    [[nodiscard]] Route route(std::string_view url_path) const;
    [[nodiscard]] Route route_to_output(std::string_view url_path) const;
    [[nodiscard]] std::optional<Route> route_of_publisher(std::string_view url_path, Place otherwise) const;
    void serve(net::HttpExchange exchange, const Route& route);
    void serve_options(net::HttpExchange exchange, const Route& route);
    void serve_own(net::HttpExchange exchange);

    [[nodiscard]] bool is_demanded(std::string_view url_path) const;
    void hold(net::HttpExchange exchange);
    void retry(const std::shared_ptr<Held>& held);
    void give_up(const std::shared_ptr<Held>& held);
    std::optional<net::HttpExchange> release(const std::shared_ptr<Held>& held);

    mutable Mutex mutex_;
    Listing<Entry> listing_ GUARDED_BY(mutex_);
    std::set<std::shared_ptr<Held>> held_ GUARDED_BY(mutex_);
    std::shared_ptr<Asker> asker_ GUARDED_BY(mutex_);
};

}  // namespace millrace::web
