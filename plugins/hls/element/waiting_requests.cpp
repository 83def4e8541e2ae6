// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/element/waiting_requests.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "hls/element/origin_handler.hpp"

namespace millrace::hls {

namespace {

net::HttpReply to_http(Reply reply) {
    return {reply.status, std::move(reply.headers), std::move(reply.body)};
}

Reply too_many() {
    return {503,
            {{"Cache-Control", "no-store"}, {"Retry-After", "1"}, {"Content-Type", "text/plain"}},
            {Blob::of("too many requests are waiting for this stream; try again\n")}};
}

}  // namespace

WaitingRequests::WaitingRequests(const OriginHandler& origin, net::Worker& worker)
    : origin_(origin), timer_(worker, [this] { expire(); }) {}

void WaitingRequests::add(net::HttpExchange exchange, const Wait& wait) {
    if (list_.size() >= kMost) return std::move(exchange).reply(to_http(too_many()));
    const std::uint64_t id = next_id_++;
    exchange.on_disconnect([this, id, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired() && list_.erase(id) > 0) count_ = list_.size();
    });
    list_.emplace(id, Waiting{std::move(exchange), wait, net::now() + wait.longest});
    count_ = list_.size();
    rearm();
}

WaitingRequests::List::iterator WaitingRequests::finish(List::iterator waiting, Reply reply) {
    // Out of the list first: replying may tell us at once that the client is gone.
    net::HttpExchange exchange = std::move(waiting->second.exchange);
    auto next = list_.erase(waiting);
    count_ = list_.size();
    std::move(exchange).reply(to_http(std::move(reply)));
    return next;
}

void WaitingRequests::wake(const Snapshot& snapshot) {
    for (auto waiting = list_.begin(); waiting != list_.end();) {
        if (!ready(snapshot, waiting->second.wait)) {
            ++waiting;
            continue;
        }
        Answer now = answer(snapshot, origin_.request_of(waiting->second.exchange));
        if (auto* reply = std::get_if<Reply>(&now)) {
            waiting = finish(waiting, std::move(*reply));
        } else {
            waiting->second.wait = std::get<Wait>(now);
            ++waiting;
        }
    }
    rearm();
}

void WaitingRequests::expire() {
    const TimePoint now = net::now();
    for (auto waiting = list_.begin(); waiting != list_.end();) {
        waiting =
            waiting->second.deadline <= now ? finish(waiting, timed_out(waiting->second.wait)) : std::next(waiting);
    }
    rearm();
}

void WaitingRequests::answer_all() {
    while (!list_.empty()) finish(list_.begin(), timed_out(list_.begin()->second.wait));
    rearm();
}

void WaitingRequests::rearm() {
    // Requests of one presentation wait equally long, so that the oldest is the first to expire.
    timer_.at(list_.empty() ? kNever : list_.begin()->second.deadline);
}

}  // namespace millrace::hls
