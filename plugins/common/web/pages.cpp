// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/web/pages.hpp"

#include <algorithm>

#include "common/web/replies.hpp"

namespace millrace::web {
namespace {

constexpr Duration kPatience = 10s;       // how long a request waits for a path that is being started
constexpr std::size_t kMostHeld = 1'000;  // requests waiting so at once; more are told to come again

// What a viewer can open: not what is announced without a URL, to be told of requests.
std::vector<Output> outputs_of(const Listing<Entry>::Entries& entries) {
    std::vector<Output> outputs;
    for (const auto& entry : entries) {
        if (!entry->output.url.empty()) outputs.push_back(entry->output);
    }
    return outputs;
}

// `taker` is an output's Entry or an entrance's Door.
template <class Taker>
void hand_to(Taker& taker, net::HttpExchange exchange) {
    const auto pass = taker.gate.enter();
    if (!pass || !taker.handler) return reply_not_found(std::move(exchange));
    taker.handler->handle(std::move(exchange));
}

}  // namespace

// Who is asked about unknown paths.
struct Pages::Asker {
    explicit Asker(Site::Demand asked) : demand(std::move(asked)) {}

    const Site::Demand demand;
    net::Gate gate;
};

// A request for a path that is being started. Its exchange and timer live and die on the exchange's worker.
struct Pages::Held {
    explicit Held(net::HttpExchange request) : exchange(std::move(request)), worker(exchange->worker()) {}

    std::optional<net::HttpExchange> exchange;
    std::unique_ptr<net::Worker::Timer> timer;
    net::Worker& worker;
};

void Pages::handle(net::HttpExchange exchange) {
    const Route found = route(exchange.path());
    if (exchange.method() == "OPTIONS") return serve_options(std::move(exchange), found);
    if (found.place == Place::nowhere && is_demanded(exchange.path())) return hold(std::move(exchange));
    serve(std::move(exchange), found);
}

// Publishers come where no output has its page or resource.
Pages::Route Pages::route(std::string_view url_path) const {
    Route found = route_to_output(url_path);
    if (found.place != Place::nowhere && found.place != Place::unowned && found.place != Place::page_without_slash) {
        return found;
    }
    auto publisher = route_of_publisher(url_path, found.place);
    return publisher ? std::move(*publisher) : std::move(found);
}

// The path's outputs are not in it: a publisher's request is no viewer's.
std::optional<Pages::Route> Pages::route_of_publisher(std::string_view url_path, Place otherwise) const {
    if (auto door = entrances.find(url_path)) return Route{Place::entrance, {}, {}, std::move(door)};
    if (otherwise == Place::page_without_slash || !entrances.any()) return std::nullopt;
    const auto page = split_at_resource(url_path, kPublishPage);
    if (!page || !page->rest.empty()) return std::nullopt;
    return Route{url_path.back() == '/' ? Place::publish_with_slash : Place::publish, {}, {}, {}};
}

Pages::Route Pages::route_to_output(std::string_view url_path) const {
    if (url_path == "/" || url_path == "/paths.json" || url_path.rfind("/assets/", 0) == 0)
        return {Place::own, {}, {}, {}};
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
        if (pass && entry->owns && entry->owns(hit.resource))
            return {Place::resource, std::move(route.entries), entry, {}};
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
            return hand_to(*route.owner, std::move(exchange));
        case Place::entrance:
            return hand_to(*route.door, std::move(exchange));
        case Place::publish:
            return reply_page(std::move(exchange), 200, "publish.html");
        case Place::publish_with_slash:
            return reply_slash_removed(std::move(exchange));
        case Place::unowned:
            return reply_not_found(std::move(exchange));
    }
}

void Pages::serve_options(net::HttpExchange exchange, const Route& route) {
    auto offer_to = [&](auto& taker) {
        const auto pass = taker.gate.enter();
        if (!pass || !taker.handler || !taker.handler->wants_options()) return false;
        taker.handler->handle(std::move(exchange));
        return true;
    };
    if (route.place == Place::resource && offer_to(*route.owner)) return;
    if (route.place == Place::entrance && offer_to(*route.door)) return;
    std::move(exchange).reply(net::preflight_reply());
}

// The index, its data and the pages' files.
void Pages::serve_own(net::HttpExchange exchange) {
    if (exchange.path() == "/") return reply_page(std::move(exchange), 200, "index.html");
    if (exchange.path() == "/paths.json")
        return reply_json(std::move(exchange), paths_json(outputs(), entrances.any()));
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

}  // namespace millrace::web
