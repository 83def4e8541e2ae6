// SPDX-License-Identifier: LGPL-2.1-or-later
// Delivery directives of a playlist request: the _HLS_ query parameters (RFC 8216bis 6.2.5). Other parameters are
// ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/result.hpp"

namespace millrace::hls {

struct Directives {
    std::optional<std::uint64_t> msn;
    std::optional<std::uint64_t> part;
    bool skip = false;
};

// bad_input (the reply is 400) for what DD-1 lists: a part without its msn, a repeated or malformed number.
Result<Directives> parse_directives(std::string_view query);

}  // namespace millrace::hls
