// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/whep_handler.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace millrace::webrtc {

namespace {

std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

SignallingReply WhepHandler::reply_to(const net::HttpExchange& exchange) {
    const std::string_view path = exchange.path();
    const SignallingRequest request{
        .method = exchange.method(),
        .resource = path.starts_with(prefix_) ? path.substr(prefix_.size()) : std::string_view(),
        .content_type = exchange.header("Content-Type"),
        .authorization = exchange.header("Authorization"),
        .if_match = exchange.header("If-Match"),
        .body = text_of(exchange.body()),
    };
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

void WhepHandler::handle(net::HttpExchange exchange) {
    SignallingReply reply = reply_to(exchange);
    net::HttpReply http = exchange.method() == "OPTIONS" ? net::preflight_reply() : net::HttpReply();
    http.status = reply.status;
    http.headers.insert(http.headers.end(), reply.headers.begin(), reply.headers.end());
    if (!reply.body.empty()) http.body.push_back(Blob::of(std::move(reply.body)));
    std::move(exchange).reply(std::move(http));
}

}  // namespace millrace::webrtc
