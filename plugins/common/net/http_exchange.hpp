// SPDX-License-Identifier: LGPL-2.1-or-later
// The two ends of a request in flight: the exchange a handler holds, and the connection that waits for its answer.
// Either may go first.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/net/http.hpp"
#include "common/net/http_request.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

// A request's connection, as its exchange sees it: where the answer goes.
class HttpResponder {
  public:
    virtual ~HttpResponder() = default;
    // `reply` has its common headers already. On the worker, once.
    virtual void answer(HttpReply reply) = 0;
};

// What both ends share. The worker's thread only.
class HttpPending {
  public:
    explicit HttpPending(HttpResponder& responder) : responder_(&responder) {}

    // The exchange's end.
    void answer(HttpReply reply) {
        gone_ = nullptr;
        if (auto* responder = std::exchange(responder_, nullptr)) responder->answer(std::move(reply));
    }
    void on_disconnect(std::function<void()> gone) {
        if (responder_) gone_ = std::move(gone);
    }

    // The connection's end: the client is gone.
    void lose() {
        responder_ = nullptr;
        if (auto gone = std::exchange(gone_, nullptr)) gone();
    }

  private:
    HttpResponder* responder_;
    std::function<void()> gone_;
};

struct HttpExchange::Impl {
    HttpRequest request;
    std::string peer;
    std::shared_ptr<Worker> worker;
    std::shared_ptr<HttpPending> pending;
};

// Where requests go once they are read.
class HttpService {
  public:
    virtual ~HttpService() = default;
    virtual void serve(HttpExchange exchange) = 0;
};

}  // namespace millrace::net
