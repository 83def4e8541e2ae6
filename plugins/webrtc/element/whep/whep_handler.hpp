// SPDX-License-Identifier: LGPL-2.1-or-later
// WHEP over HTTP: carries requests to the admission and its replies back.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "common/base/thread.hpp"
#include "common/net/gate.hpp"
#include "common/net/http.hpp"
#include "webrtc/element/whep/admission.hpp"

namespace millrace::webrtc {

class WhepHandler : public net::HttpHandler, public std::enable_shared_from_this<WhepHandler> {
  public:
    // `path` is the stream's, "live/cam1".
    WhepHandler(const std::string& path, std::shared_ptr<Admission> admission)
        : prefix_("/" + path + "/"), admission_(std::move(admission)) {}

    void handle(net::HttpExchange exchange) override;
    [[nodiscard]] bool wants_options() const override { return true; }

    // Whoever still waits for the stream to begin is sent away. Not from a worker, before the server is let go.
    void close();

  private:
    struct Held;
    using HeldRef = std::shared_ptr<Held>;

    SignallingReply reply_to(const net::HttpExchange& exchange);
    void answer(net::HttpExchange exchange);
    void hold(net::HttpExchange exchange);
    void look_again(const HeldRef& held);

    const std::string prefix_;  // "/live/cam1/"
    const std::shared_ptr<Admission> admission_;
    struct Waiting {
        std::set<HeldRef> all;
        bool closed = false;
    };
    Guarded<Waiting> waiting_;
    net::Gate gate_;  // of looking again
};

}  // namespace millrace::webrtc
