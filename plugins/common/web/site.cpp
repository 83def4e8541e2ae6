// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/web/site.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "common/base/thread.hpp"
#include "common/net/gate.hpp"
#include "common/web/assets.hpp"
#include "common/web/listing.hpp"
#include "common/web/replies.hpp"

namespace millrace::web {
namespace {

constexpr Duration kPatience = 10s;       // how long a request waits for a path that is being started
constexpr std::size_t kMostHeld = 1'000;  // requests waiting so at once; more are told to come again

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

// Who is asked about unknown paths.
struct Asker {
    explicit Asker(Site::Demand asked) : demand(std::move(asked)) {}

    const Site::Demand demand;
    net::Gate gate;
};

// What a viewer can open: not what is announced without a URL, to be told of requests.
std::vector<Output> outputs_of(const Listing<Entry>::Entries& entries) {
    std::vector<Output> outputs;
    for (const auto& entry : entries) {
        if (!entry->output.url.empty()) outputs.push_back(entry->output);
    }
    return outputs;
}

// A request for a path that is being started. Its exchange and timer live and die on the exchange's worker.
struct Held {
    explicit Held(net::HttpExchange request) : exchange(std::move(request)), worker(exchange->worker()) {}

    std::optional<net::HttpExchange> exchange;
    std::unique_ptr<net::Worker::Timer> timer;
    net::Worker& worker;
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
    void refuse_held();

  private:
    // What a URL leads to.
    enum class Place { own, nowhere, page_without_slash, page, outputs, resource, unowned };
    struct Route {
        Place place = Place::nowhere;
        Listing<Entry>::Entries entries;  // the path's
        std::shared_ptr<Entry> owner;     // of a resource
    };

    [[nodiscard]] Route route(std::string_view url_path) const;
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

void Pages::handle(net::HttpExchange exchange) {
    const Route found = route(exchange.path());
    if (exchange.method() == "OPTIONS") return serve_options(std::move(exchange), found);
    if (found.place == Place::nowhere && is_demanded(exchange.path())) return hold(std::move(exchange));
    serve(std::move(exchange), found);
}

Pages::Route Pages::route(std::string_view url_path) const {
    if (url_path == "/" || url_path == "/paths.json" || url_path.rfind("/assets/", 0) == 0) return {Place::own, {}, {}};
    Listing<Entry>::Hit hit;
    Route route;
    {
        Lock lock(mutex_);
        hit = listing_.find(url_path);
        if (!hit.entries) return route;
        route.entries = *hit.entries;
    }
    route.place = hit.lacks_slash                  ? Place::page_without_slash
                  : hit.is_page                    ? Place::page
                  : hit.resource == "outputs.json" ? Place::outputs
                                                   : Place::unowned;
    if (route.place != Place::unowned) return route;
    for (const auto& entry : route.entries) {
        const auto pass = entry->gate.enter();
        if (pass && entry->owns && entry->owns(hit.resource)) return {Place::resource, std::move(route.entries), entry};
    }
    return route;
}

void Pages::serve(net::HttpExchange exchange, const Route& route) {
    const TimePoint now = net::now();
    for (const auto& entry : route.entries) entry->last_request = now;
    switch (route.place) {
        case Place::own:
            return serve_own(std::move(exchange));
        case Place::nowhere:
            return reply_nothing_here(std::move(exchange));
        case Place::page_without_slash:
            return reply_slash_added(std::move(exchange));
        case Place::page:
            return reply_page(std::move(exchange), 200, "player.html");
        case Place::outputs:
            return reply_json(std::move(exchange), outputs_json(outputs_of(route.entries)));
        case Place::resource:
            if (const auto pass = route.owner->gate.enter(); pass && route.owner->handler) {
                return route.owner->handler->handle(std::move(exchange));
            }
            return reply_not_found(std::move(exchange));
        case Place::unowned:
            return reply_not_found(std::move(exchange));
    }
}

void Pages::serve_options(net::HttpExchange exchange, const Route& route) {
    if (route.place == Place::resource) {
        const auto pass = route.owner->gate.enter();
        if (pass && route.owner->handler && route.owner->handler->wants_options())
            return route.owner->handler->handle(std::move(exchange));
    }
    std::move(exchange).reply(net::preflight_reply());
}

// The index, its data and the pages' files.
void Pages::serve_own(net::HttpExchange exchange) {
    if (exchange.path() == "/") return reply_page(std::move(exchange), 200, "index.html");
    if (exchange.path() == "/paths.json") return reply_json(std::move(exchange), paths_json(outputs()));
    reply_asset(std::move(exchange));
}

Result<std::shared_ptr<Entry>> Pages::add(Output output, std::shared_ptr<net::HttpHandler> handler, Site::Owns owns) {
    if (auto checked = check_path(output.path); !checked) return tl::unexpected<Error>(checked.error());
    std::vector<std::shared_ptr<Held>> waiting;
    std::shared_ptr<Entry> entry;
    {
        Lock lock(mutex_);
        auto& entries = listing_[output.path];
        for (const auto& other : entries) {
            if (other->output.kind == output.kind) {
                return fail(Fault::refused, output.path + " already has an output of kind " + output.kind);
            }
        }
        entry = std::make_shared<Entry>(std::move(output), std::move(handler), std::move(owns));
        entries.push_back(entry);
        waiting.assign(held_.begin(), held_.end());
    }
    for (const auto& held : waiting) {
        held->worker.post([self = shared_from_this(), held] { self->retry(held); });
    }
    return entry;
}

void Pages::remove(const std::shared_ptr<Entry>& entry) {
    {
        Lock lock(mutex_);
        listing_.remove(entry->output.path, entry);
    }
    entry->gate.close();
}

void Pages::in_use(const std::string& path) {
    const TimePoint now = net::now();
    Lock lock(mutex_);
    auto found = listing_.all().find(path);
    if (found == listing_.all().end()) return;
    for (const auto& entry : found->second) entry->last_request = now;
}

std::vector<Output> Pages::outputs() const {
    Lock lock(mutex_);
    std::vector<Output> outputs;
    for (const auto& [path, entries] : listing_.all()) {
        for (Output& output : outputs_of(entries)) outputs.push_back(std::move(output));
    }
    return outputs;
}

// ---- Demand: requests that wait for a path being started ----

void Pages::set_demand(Site::Demand demand) {
    auto asker = demand ? std::make_shared<Asker>(std::move(demand)) : nullptr;
    {
        Lock lock(mutex_);
        asker_.swap(asker);
    }
    if (asker) asker->gate.close();
}

bool Pages::is_demanded(std::string_view url_path) const {
    std::shared_ptr<Asker> asker;
    {
        Lock lock(mutex_);
        asker = asker_;
    }
    if (!asker) return false;
    const auto pass = asker->gate.enter();
    if (!pass) return false;
    const auto paths = paths_meant_by(url_path);
    return std::any_of(paths.begin(), paths.end(), asker->demand);
}

void Pages::hold(net::HttpExchange exchange) {
    auto held = std::make_shared<Held>(std::move(exchange));
    bool full = false;
    {
        Lock lock(mutex_);
        full = held_.size() >= kMostHeld;
        if (!full) held_.insert(held);
    }
    if (full) return reply_busy(std::move(*held->exchange));

    std::weak_ptr<Pages> weak = shared_from_this();
    std::weak_ptr<Held> weak_held = held;
    auto end = [weak, weak_held] {
        auto self = weak.lock();
        auto ended = weak_held.lock();
        if (self && ended) self->give_up(ended);
    };
    // Posted: neither callback may be destroyed while it runs, which ending the wait does.
    net::Worker& worker = held->worker;
    held->timer = std::make_unique<net::Worker::Timer>(worker, [&worker, end] { worker.post(end); });
    held->timer->at(net::now() + kPatience);
    held->exchange->on_disconnect([&worker, end] { worker.post(end); });
    retry(held);  // announced since we looked
}

void Pages::retry(const std::shared_ptr<Held>& held) {
    if (!held->exchange) return;
    const Route found = route(held->exchange->path());
    if (found.place == Place::nowhere || found.place == Place::unowned) return;
    if (auto exchange = release(held)) serve(std::move(*exchange), found);
}

void Pages::give_up(const std::shared_ptr<Held>& held) {
    if (auto exchange = release(held)) reply_nothing_here(std::move(*exchange));
}

// Takes the exchange back and ends the wait. On its worker.
std::optional<net::HttpExchange> Pages::release(const std::shared_ptr<Held>& held) {
    {
        Lock lock(mutex_);
        held_.erase(held);
    }
    held->timer.reset();
    return std::exchange(held->exchange, std::nullopt);
}

void Pages::refuse_held() {
    std::vector<std::shared_ptr<Held>> waiting;
    {
        Lock lock(mutex_);
        waiting.assign(held_.begin(), held_.end());
    }
    for (const auto& held : waiting) {
        held->worker.post([self = shared_from_this(), held] { self->give_up(held); });
    }
}

// ---- The contract ----

// The sites of the process. A site is in here until its mount is gone, so that its successor can have it.
class Register {
  public:
    Result<std::shared_ptr<Site>> find_or_make(const std::shared_ptr<net::HttpServer>& server);
    void forget(net::HttpServer* server) {
        Lock lock(mutex_);
        sites_.erase(server);
        changed_.notify_all();
    }

  private:
    Mutex mutex_;
    Condition changed_;
    std::map<net::HttpServer*, std::weak_ptr<Site>> sites_ GUARDED_BY(mutex_);
};

Register& sites() {
    static Register all;
    return all;
}

class HttpSite final : public Site, public std::enable_shared_from_this<HttpSite> {
  public:
    HttpSite(std::shared_ptr<net::HttpServer> server, std::shared_ptr<Pages> pages,
             std::unique_ptr<net::HttpServer::Mount> mount)
        : server_(std::move(server)), pages_(std::move(pages)), mount_(std::move(mount)) {}

    ~HttpSite() override {
        pages_->set_demand(nullptr);
        mount_.reset();
        pages_->refuse_held();
        sites().forget(server_.get());
    }

    Result<std::unique_ptr<Announcement>> announce(Output output, std::shared_ptr<net::HttpHandler> handler,
                                                   Owns owns) override {
        auto entry = pages_->add(std::move(output), std::move(handler), std::move(owns));
        if (!entry) return tl::unexpected<Error>(std::move(entry.error()));
        return std::make_unique<Announced>(shared_from_this(), std::move(*entry));
    }

    std::vector<Output> outputs() const override { return pages_->outputs(); }
    void set_demand(Demand demand) override { pages_->set_demand(std::move(demand)); }

  private:
    class Announced final : public Announcement {
      public:
        Announced(std::shared_ptr<HttpSite> site, std::shared_ptr<Entry> entry)
            : site_(std::move(site)), entry_(std::move(entry)) {}
        ~Announced() override { site_->pages_->remove(entry_); }
        TimePoint last_request() const override { return entry_->last_request; }
        void in_use() override { site_->pages_->in_use(entry_->output.path); }

      private:
        std::shared_ptr<HttpSite> site_;
        std::shared_ptr<Entry> entry_;
    };

    std::shared_ptr<net::HttpServer> server_;
    std::shared_ptr<Pages> pages_;
    std::unique_ptr<net::HttpServer::Mount> mount_;
};

Result<std::shared_ptr<Site>> Register::find_or_make(const std::shared_ptr<net::HttpServer>& server) {
    Lock lock(mutex_);
    for (auto found = sites_.find(server.get()); found != sites_.end(); found = sites_.find(server.get())) {
        if (auto site = found->second.lock()) return site;
        changed_.wait(mutex_);  // it is on its way out
    }
    auto pages = std::make_shared<Pages>();
    auto mount = server->mount("/", pages);
    if (!mount) return tl::unexpected<Error>(std::move(mount.error()).while_("serving the pages"));
    auto site = std::make_shared<HttpSite>(server, std::move(pages), std::move(*mount));
    sites_[server.get()] = site;
    return site;
}

}  // namespace

Result<std::shared_ptr<Site>> Site::on(const std::shared_ptr<net::HttpServer>& server) {
    return sites().find_or_make(server);
}

}  // namespace millrace::web
