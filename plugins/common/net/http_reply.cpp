// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/http_reply.hpp"

#include <algorithm>

#include "common/net/http_request.hpp"

namespace millrace::net {

HttpReply text_reply(unsigned status, std::string_view text) {
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, {Blob::of(std::string(text) + "\n")}};
}

HttpReply preflight_reply() {
    return {204,
            {{"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
             {"Access-Control-Allow-Headers", "Range, Authorization, Content-Type, If-Match, If-None-Match"},
             {"Access-Control-Max-Age", "86400"}},
            {}};
}

void add_common_headers(HttpReply& reply) {
    auto& headers = reply.headers;
    headers.reserve(headers.size() + 4);
    headers.emplace_back("Server", "millrace/" MILLRACE_VERSION);
    if (has_header(reply, "Access-Control-Allow-Origin")) return;
    headers.emplace_back("Access-Control-Allow-Origin", "*");
    if (!has_header(reply, "Access-Control-Expose-Headers"))
        headers.emplace_back("Access-Control-Expose-Headers",
                             "Age, Date, Content-Length, Content-Range, Location, Link, ETag");
    headers.emplace_back("Timing-Allow-Origin", "*");
}

std::size_t body_size(const HttpReply& reply) {
    std::size_t size = 0;
    for (const auto& blob : reply.body) size += blob.size();
    return size;
}

bool sends_body(std::string_view method, unsigned status) {
    return method != "HEAD" && states_length(status) && status != 304;
}

bool states_length(unsigned status) {
    return status >= 200 && status != 204;
}

bool has_header(const HttpReply& reply, std::string_view name) {
    return std::any_of(reply.headers.begin(), reply.headers.end(),
                       [&](const auto& header) { return same_ignoring_case(header.first, name); });
}

}  // namespace millrace::net
