// SPDX-License-Identifier: LGPL-2.1-or-later
// What every reply carries, whatever it answers and whichever HTTP it travels in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/net/http.hpp"

namespace millrace::net {

// Adds Server and the CORS headers: any page may read what is served here, and measure how it came.
void add_common_headers(HttpReply& reply);

std::size_t body_size(const HttpReply& reply);
// Whether a reply with this status to this method has a body on the wire.
bool sends_body(std::string_view method, unsigned status);
// Whether it states a Content-Length.
bool states_length(unsigned status);
bool has_header(const HttpReply& reply, std::string_view name);

}  // namespace millrace::net
