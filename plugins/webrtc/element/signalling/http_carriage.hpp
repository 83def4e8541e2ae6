// SPDX-License-Identifier: LGPL-2.1-or-later
// Between HTTP and signalling: a request's words, and a reply on its way back.
#pragma once

#include <string_view>

#include "common/net/http.hpp"
#include "webrtc/core/signalling/request.hpp"

namespace millrace::webrtc {

// `resource` is what its path asks for below the stream's: behind a prefix, or of signalling_target(). Views into the
// exchange.
SignallingRequest signalling_request(const net::HttpExchange& exchange, std::string_view resource);

void send_reply(net::HttpExchange exchange, SignallingReply reply);

}  // namespace millrace::webrtc
