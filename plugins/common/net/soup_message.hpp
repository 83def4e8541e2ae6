// SPDX-License-Identifier: LGPL-2.1-or-later
// Between libsoup's messages and our requests and replies. Translation only: nothing here decides or keeps anything.
#pragma once

#include <libsoup/soup.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/net/http.hpp"
#include "common/net/http_request.hpp"

namespace millrace::net {

// The request that was read; nothing when its URL is malformed. `raw_paths`: the server did not decode the path.
std::optional<HttpRequest> request_of(SoupServerMessage* message, bool raw_paths);
std::string text_of(GSocketAddress* address);  // "127.0.0.1:52114"

// Makes `reply` the response. Bodies are shared with their blobs.
void respond(SoupServerMessage* message, const HttpReply& reply);
// An error that ends the connection.
void refuse(SoupServerMessage* message, unsigned status, std::string_view why);

}  // namespace millrace::net
