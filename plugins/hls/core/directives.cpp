// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/directives.hpp"

#include <charconv>
#include <string>

namespace millrace::hls {

namespace {

constexpr std::uint64_t kLargest = std::uint64_t{1} << 53;  // what every client's number type can hold

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape =
            text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
        if (escape) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

Result<> read_number(std::string_view name, const std::string& value, std::optional<std::uint64_t>& into) {
    if (into) return fail(Fault::bad_input, std::string(name) + " is given twice");
    std::uint64_t number = 0;
    const char* end = value.data() + value.size();
    const auto [stopped, error] = std::from_chars(value.data(), end, number);
    if (value.empty() || error != std::errc() || stopped != end || number > kLargest) {
        return fail(Fault::bad_input, std::string(name) + " is not a decimal number up to 2^53");
    }
    into = number;
    return {};
}

Result<> read_parameter(std::string_view parameter, Directives& directives, bool& skip_seen) {
    const std::size_t equals = parameter.find('=');
    const std::string name = percent_decoded(parameter.substr(0, equals));
    const std::string value = equals == parameter.npos ? "" : percent_decoded(parameter.substr(equals + 1));
    if (name == "_HLS_msn") return read_number(name, value, directives.msn);
    if (name == "_HLS_part") return read_number(name, value, directives.part);
    if (name == "_HLS_skip") {
        if (skip_seen) return fail(Fault::bad_input, "_HLS_skip is given twice");
        skip_seen = true;
        directives.skip = value == "YES" || value == "v2";  // anything else is ignored (SK-1)
    }
    return {};
}

}  // namespace

Result<Directives> parse_directives(std::string_view query) {
    Directives directives;
    bool skip_seen = false;
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        if (auto read = read_parameter(query.substr(0, end), directives, skip_seen); !read) {
            return tl::unexpected(std::move(read).error());
        }
        query = end == query.npos ? std::string_view() : query.substr(end + 1);
    }
    if (directives.part && !directives.msn) return fail(Fault::bad_input, "_HLS_part needs _HLS_msn");
    return directives;
}

}  // namespace millrace::hls
