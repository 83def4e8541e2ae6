// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/signalling/http_carriage.hpp"

#include <utility>

namespace millrace::webrtc {

namespace {

std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

SignallingRequest signalling_request(const net::HttpExchange& exchange, std::string_view resource) {
    return {
        .method = exchange.method(),
        .resource = resource,
        .query = exchange.query(),
        .content_type = exchange.header("Content-Type"),
        .authorization = exchange.header("Authorization"),
        .if_match = exchange.header("If-Match"),
        .body = text_of(exchange.body()),
    };
}

void send_reply(net::HttpExchange exchange, SignallingReply reply) {
    net::HttpReply http = exchange.method() == "OPTIONS" ? net::preflight_reply() : net::HttpReply();
    http.status = reply.status;
    http.headers.insert(http.headers.end(), reply.headers.begin(), reply.headers.end());
    if (!reply.body.empty()) http.body.push_back(Blob::of(std::move(reply.body)));
    std::move(exchange).reply(std::move(http));
}

}  // namespace millrace::webrtc
