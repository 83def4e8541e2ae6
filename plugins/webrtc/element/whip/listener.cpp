// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/listener.hpp"

#include <type_traits>
#include <utility>
#include <variant>

#include "webrtc/element/signalling/http_carriage.hpp"
#include "webrtc/element/whip/application.hpp"

namespace millrace::webrtc {

namespace {

struct Registry {
    Mutex mutex;
    using Key = std::pair<std::string, net::HttpServer*>;  // by address as it was asked for
    std::map<Key, std::weak_ptr<Listener>> listeners GUARDED_BY(mutex);
};

Registry& registry() {
    static Registry instance;
    return instance;
}

}  // namespace

class Listener::Handler : public net::HttpHandler {
  public:
    explicit Handler(std::shared_ptr<gst::PublisherDirectory> directory) : directory_(std::move(directory)) {}

    void handle(net::HttpExchange exchange) override {
        const std::string url(exchange.path());
        const auto target = signalling_target(url, kWhipEndpoint);
        if (!target) return send_reply(std::move(exchange), problem(404, "Not found", "This is no stream's endpoint."));
        const std::string path(target->stream);
        const SignallingRequest request = signalling_request(exchange, target->resource);
        const auto taker = taker_of(path);
        if (request.method == "OPTIONS" && request.resource == kWhipEndpoint)
            return send_reply(std::move(exchange), taker ? taker->options() : endpoint_options({}));
        auto intent = read_signalling(request, kWhipEndpoint);
        if (const auto* join = std::get_if<Join>(&intent))
            return directory_->offer(
                Application::make(path, std::string(join->token), std::move(exchange), directory_));
        send_reply(std::move(exchange), answer(std::move(intent), taker.get()));
    }
    [[nodiscard]] bool wants_options() const override { return true; }

    void serve(const std::string& path, const std::shared_ptr<Taker>& taker) {
        takers_.with([&](auto& all) {
            std::erase_if(all, [](const auto& each) { return each.second.expired(); });
            all[path] = taker;
        });
    }

  private:
    std::shared_ptr<Taker> taker_of(const std::string& path) {
        return takers_.with([&](const auto& all) {
            auto found = all.find(path);
            return found == all.end() ? nullptr : found->second.lock();
        });
    }

    static SignallingReply answer(SignallingIntent intent, Taker* taker) {
        return std::visit(
            [&](auto&& each) -> SignallingReply {
                using Intent = std::decay_t<decltype(each)>;
                if constexpr (std::is_same_v<Intent, SignallingReply>) return std::move(each);
                if (taker == nullptr) return problem(404, "Not found", "There is no such session; it may be over.");
                if constexpr (std::is_same_v<Intent, Patch>) return taker->patch(each);
                if constexpr (std::is_same_v<Intent, Leave>) return taker->leave(each);
                return problem(500, "Not answered", "");
            },
            std::move(intent));
    }

    const std::shared_ptr<gst::PublisherDirectory> directory_;
    Guarded<std::map<std::string, std::weak_ptr<Taker>>> takers_;  // by path
};

Listener::Listener() : handler_(std::make_shared<Handler>(directory_)) {}

Listener::~Listener() = default;

Result<std::shared_ptr<Listener>> Listener::at(const std::string& listen,
                                               const std::shared_ptr<net::HttpServer>& given) {
    Registry& known = registry();
    Lock lock(known.mutex);
    auto& place = known.listeners[{listen, given.get()}];
    if (auto existing = place.lock()) return existing;
    std::shared_ptr<Listener> listener(new Listener);
    auto entrances = web::open_entrances(std::string(kWhipEndpoint), listener->handler_, listen, given);
    if (!entrances) return tl::unexpected(std::move(entrances).error().while_("listening for WHIP publishers"));
    listener->entrances_ = std::move(*entrances);
    place = listener;
    return listener;
}

void Listener::serve(const std::string& path, const std::shared_ptr<Taker>& taker) {
    handler_->serve(path, taker);
}

}  // namespace millrace::webrtc
