// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/http_exchange.hpp"

#include <utility>

#include "common/net/http_reply.hpp"

namespace millrace::net {

HttpExchange::HttpExchange(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpExchange::HttpExchange(HttpExchange&&) noexcept = default;

HttpExchange& HttpExchange::operator=(HttpExchange&& other) noexcept {
    HttpExchange old(std::move(*this));
    impl_ = std::move(other.impl_);
    return *this;
}

HttpExchange::~HttpExchange() {
    if (impl_) std::move(*this).reply(text_reply(500, "the request was given up"));
}

std::string_view HttpExchange::method() const {
    return impl_->request.method;
}
std::string_view HttpExchange::path() const {
    return impl_->request.path;
}
std::string_view HttpExchange::query() const {
    return impl_->request.query;
}
std::string_view HttpExchange::header(const char* name) const {
    return impl_->request.header(name);
}
ByteView HttpExchange::body() const {
    return impl_->request.body;
}
const std::string& HttpExchange::peer() const {
    return impl_->peer;
}
Worker& HttpExchange::worker() const {
    return *impl_->worker;
}

void HttpExchange::on_disconnect(std::function<void()> gone) {
    impl_->pending->on_disconnect(std::move(gone));
}

void HttpExchange::reply(HttpReply reply) && {
    auto impl = std::move(impl_);
    add_common_headers(reply);
    if (impl->worker->is_current()) return impl->pending->answer(std::move(reply));
    auto worker = impl->worker;
    worker->post([pending = std::move(impl->pending), reply = std::move(reply)]() mutable {
        pending->answer(std::move(reply));
    });
}

}  // namespace millrace::net
