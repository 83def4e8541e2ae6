// SPDX-License-Identifier: LGPL-2.1-or-later
// WHEP over HTTP: carries requests to the admission and its replies back.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/net/http.hpp"
#include "webrtc/element/whep/admission.hpp"

namespace millrace::webrtc {

class WhepHandler : public net::HttpHandler {
  public:
    // `path` is the stream's, "live/cam1".
    WhepHandler(const std::string& path, std::shared_ptr<Admission> admission)
        : prefix_("/" + path + "/"), admission_(std::move(admission)) {}

    void handle(net::HttpExchange exchange) override;
    [[nodiscard]] bool wants_options() const override { return true; }

  private:
    SignallingReply reply_to(const net::HttpExchange& exchange);

    const std::string prefix_;  // "/live/cam1/"
    const std::shared_ptr<Admission> admission_;
};

}  // namespace millrace::webrtc
