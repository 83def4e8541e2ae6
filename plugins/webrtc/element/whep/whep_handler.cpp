// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/whep_handler.hpp"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "common/net/worker.hpp"
#include "webrtc/element/signalling/http_carriage.hpp"

namespace millrace::webrtc {

namespace {

constexpr Duration kLookAgain = 50ms;
constexpr std::size_t kMostHeld = 1'000;  // more are answered as it is

}  // namespace

SignallingReply WhepHandler::reply_to(const net::HttpExchange& exchange) {
    const std::string_view path = exchange.path();
    const SignallingRequest request =
        signalling_request(exchange, path.starts_with(prefix_) ? path.substr(prefix_.size()) : std::string_view());
    if (request.method == "OPTIONS" && request.resource == kWhepEndpoint) return admission_->options();
    return std::visit(
        [&](auto&& intent) -> SignallingReply {
            using Intent = std::decay_t<decltype(intent)>;
            if constexpr (std::is_same_v<Intent, Join>) return admission_->join(intent, exchange.peer());
            if constexpr (std::is_same_v<Intent, Patch>) return admission_->patch(intent);
            if constexpr (std::is_same_v<Intent, Leave>) return admission_->leave(intent);
            if constexpr (std::is_same_v<Intent, SignallingReply>) return intent;
        },
        read_signalling(request, kWhepEndpoint));
}

// One who joins before the stream is known. Lives and dies on its worker.
struct WhepHandler::Held {
    explicit Held(net::HttpExchange request) : exchange(std::move(request)), worker(exchange->worker()) {}

    std::optional<net::HttpExchange> exchange;
    std::unique_ptr<net::Worker::Timer> timer;
    net::Worker& worker;
};

void WhepHandler::handle(net::HttpExchange exchange) {
    const bool waits = exchange.method() == "POST" && admission_->is_starting(net::now());
    waits ? hold(std::move(exchange)) : answer(std::move(exchange));
}

void WhepHandler::hold(net::HttpExchange exchange) {
    auto held = std::make_shared<Held>(std::move(exchange));
    const bool has_room = waiting_.with([&](Waiting& waiting) {
        return !waiting.closed && waiting.all.size() < kMostHeld && waiting.all.insert(held).second;
    });
    if (!has_room) return answer(std::move(*std::exchange(held->exchange, std::nullopt)));
    std::weak_ptr<WhepHandler> weak = weak_from_this();
    std::weak_ptr<Held> weak_held = held;
    auto look = [weak, weak_held] {
        auto self = weak.lock();
        auto waiting = weak_held.lock();
        if (self && waiting) self->look_again(waiting);
    };
    // Posted: the timer must not be destroyed while it fires.
    net::Worker& worker = held->worker;
    held->timer = std::make_unique<net::Worker::Timer>(worker, [&worker, look] { worker.post(look); });
    held->timer->at(net::now() + kLookAgain);
}

void WhepHandler::look_again(const HeldRef& held) {
    const auto pass = gate_.enter();
    if (!pass || !held->exchange) return;
    if (admission_->is_starting(net::now())) return held->timer->at(net::now() + kLookAgain);
    waiting_.with([&](Waiting& waiting) { waiting.all.erase(held); });
    held->timer.reset();
    answer(std::move(*std::exchange(held->exchange, std::nullopt)));
}

void WhepHandler::close() {
    gate_.close();
    const auto sent_away = waiting_.with([](Waiting& waiting) {
        waiting.closed = true;
        return std::exchange(waiting.all, {});
    });
    for (const HeldRef& held : sent_away) {
        held->worker.run([&] {
            held->timer.reset();
            if (auto exchange = std::exchange(held->exchange, std::nullopt))
                std::move(*exchange).reply(net::text_reply(503, "the stream has ended"));
        });
    }
}

void WhepHandler::answer(net::HttpExchange exchange) {
    SignallingReply reply = reply_to(exchange);
    send_reply(std::move(exchange), std::move(reply));
}

}  // namespace millrace::webrtc
