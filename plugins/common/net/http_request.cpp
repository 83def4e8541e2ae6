// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/http_request.hpp"

#include <algorithm>
#include <optional>

namespace millrace::net {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size()) return {};
            int high = hex_digit(text[i + 1]);
            int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return {};
            c = static_cast<char>(high << 4 | low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return {};
        out += c;
    }
    return out;
}

// Without empty segments; nothing when a segment is "." or "..", which no honest client leaves in (RFC 3986, 5.2.4).
std::optional<std::string> clean_path(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    for (std::size_t at = 0; at < path.size();) {
        std::size_t end = std::min(path.find('/', at + 1), path.size());
        std::string_view segment = path.substr(at + 1, end - at - 1);
        if (segment == "." || segment == "..") return {};
        if (!segment.empty() || end == path.size()) out.append("/").append(segment);
        at = end;
    }
    return out;
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view HttpRequest::header(std::string_view name) const {
    for (const auto& [known, value] : headers)
        if (same_ignoring_case(known, name)) return value;
    return {};
}

void HttpRequest::add_header(std::string_view name, std::string_view value) {
    for (auto& [known, old] : headers) {
        if (!same_ignoring_case(known, name)) continue;
        old.append(known == "cookie" ? "; " : ", ").append(value);
        return;
    }
    headers.emplace_back(lower_case(name), value);
}

bool HttpRequest::set_target(std::string_view target) {
    if (target == "*") {
        path = "/";
        return method == "OPTIONS";
    }
    if (target.substr(0, 1) != "/") {  // absolute-form (RFC 9112, 3.2.2), as proxies send it
        std::size_t scheme = target.find("://");
        if (scheme == std::string_view::npos) return false;
        std::size_t slash = target.find_first_of("/?", scheme + 3);
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
        if (target.front() != '/') return false;
    }
    std::size_t question = std::min(target.find('?'), target.size());
    auto decoded = percent_decoded(target.substr(0, question));
    auto clean = decoded ? clean_path(*decoded) : std::nullopt;
    if (!clean) return false;
    path = std::move(*clean);
    query = target.substr(std::min(question + 1, target.size()));
    return true;
}

}  // namespace millrace::net
