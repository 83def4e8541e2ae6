// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/signalling/percent.hpp"

#include "webrtc/core/sdp/words.hpp"

namespace millrace::webrtc {

namespace {

// RFC 3986 2.3
bool is_unreserved(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("-._~").find(c) != std::string_view::npos;
}

bool is_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_unreserved(c))
            out += c;
        else
            (out += '%').append({kDigits[byte >> 4], kDigits[byte & 15]});
    }
    return out;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool encoded = text[i] == '%' && i + 2 < text.size() && is_digit(text[i + 1]) && is_digit(text[i + 2]);
        const auto byte = encoded ? number_in(text.substr(i + 1, 2), 16) : std::nullopt;
        out += byte ? static_cast<char>(*byte) : text[i];
        if (byte) i += 2;
    }
    return out;
}

std::string query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        std::string_view pair = take_word(query, '&');
        if (take_word(pair, '=') == name) return percent_decoded(pair);
    }
    return {};
}

}  // namespace millrace::webrtc
