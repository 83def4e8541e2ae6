// SPDX-License-Identifier: LGPL-2.1-or-later
// A request as every version of HTTP means it, and the rules a request target must keep. Pure text; no connection.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/bytes.hpp"

namespace millrace::net {

struct HttpRequest {
    std::string method;
    std::string path;   // decoded and clean: starts with '/', no dot segments, no empty segments but the last
    std::string query;  // as it came, without '?'
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, each once
    Bytes body;

    [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
    // Joins fields of one name as RFC 9110, 5.3 says.
    void add_header(std::string_view name, std::string_view value);
    // Sets path and query from a request target: "/path?query", "http://host/path?query" or "*".
    // False when it is none of these, has a bad escape, a control character or a dot segment.
    [[nodiscard]] bool set_target(std::string_view target);
};

std::string lower_case(std::string_view text);
bool same_ignoring_case(std::string_view a, std::string_view b);

}  // namespace millrace::net
