// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/element/origin_handler.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "hls/element/waiting_requests.hpp"

namespace millrace::hls {

namespace {

// RFC 9110, 12.5.3, as far as one coding needs it: named and not refused with q=0.
bool accepts_gzip(std::string_view accept_encoding) {
    auto at = accept_encoding.find("gzip");
    if (at == std::string_view::npos) return false;
    std::string_view parameters = accept_encoding.substr(at + 4);
    parameters = parameters.substr(0, parameters.find(','));
    auto q = parameters.find("q=");
    return q == std::string_view::npos || parameters.substr(q + 2).find_first_of("123456789") != std::string_view::npos;
}

net::HttpReply wrong_method() {
    return {405, {{"Allow", "GET, HEAD, OPTIONS"}, {"Cache-Control", "no-store"}}, {}};
}

}  // namespace

OriginHandler::OriginHandler(const std::string& path, std::shared_ptr<const Snapshot> first)
    : prefix_("/" + path + "/"), snapshot_(std::move(first)) {}

OriginHandler::~OriginHandler() = default;

Request OriginHandler::request_of(const net::HttpExchange& exchange) const {
    std::string_view path = exchange.path();
    return {
        .resource = path.starts_with(prefix_) ? path.substr(prefix_.size()) : std::string_view(),
        .query = exchange.query(),
        .accepts_gzip = accepts_gzip(exchange.header("Accept-Encoding")),
        .head = exchange.method() == "HEAD",
        .range = exchange.header("Range"),
    };
}

bool OriginHandler::owns(std::string_view resource) const {
    const auto now = snapshot();
    if (resource == now->promises.playlist_name) return true;
    const auto slash = resource.find('/');
    return slash != std::string_view::npos && now->find(resource.substr(0, slash)) != nullptr;
}

void OriginHandler::handle(net::HttpExchange exchange) {
    if (exchange.method() != "GET" && exchange.method() != "HEAD") return std::move(exchange).reply(wrong_method());
    auto seen = snapshot();
    Answer now = answer(*seen, request_of(exchange));
    if (auto* reply = std::get_if<Reply>(&now)) {
        return std::move(exchange).reply({reply->status, std::move(reply->headers), std::move(reply->body)});
    }
    const Wait& wait = std::get<Wait>(now);
    WaitingRequests* waiting = waiting_of(exchange.worker());
    if (!waiting) {
        Reply late = timed_out(wait);
        return std::move(exchange).reply({late.status, std::move(late.headers), std::move(late.body)});
    }
    waiting->add(std::move(exchange), wait);
    // Published between the look and the wait: nobody else would wake it.
    if (auto latest = snapshot(); latest != seen) waiting->wake(*latest);
}

WaitingRequests* OriginHandler::waiting_of(net::Worker& worker) {
    Lock lock(mutex_);
    if (closed_) return nullptr;
    auto& list = waiting_[&worker];
    if (!list) list = std::make_shared<WaitingRequests>(*this, worker);
    return list.get();
}

void OriginHandler::publish(std::shared_ptr<const Snapshot> snapshot) {
    std::atomic_store(&snapshot_, std::move(snapshot));
    Lock lock(mutex_);
    for (auto& [worker, waiting] : waiting_) {
        if (!waiting->any()) continue;
        worker->post([self = shared_from_this(), waiting = waiting] { waiting->wake(*self->snapshot()); });
    }
}

void OriginHandler::close() {
    std::map<net::Worker*, std::shared_ptr<WaitingRequests>> lists;
    {
        Lock lock(mutex_);
        closed_ = true;
        lists.swap(waiting_);
    }
    // A list belongs to its worker: it is emptied and destroyed there.
    for (auto& [worker, waiting] : lists) {
        worker->run([&waiting = waiting] {
            waiting->answer_all();
            waiting.reset();
        });
    }
}

}  // namespace millrace::hls
