// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/config/path_pattern.hpp"

#include <algorithm>

namespace millrace::launcher {

namespace {

constexpr std::size_t kLongestPath = 256;

tl::unexpected<Error> refuse(std::string_view text, const std::string& why) {
    return fail(Fault::bad_input, "'" + std::string(text) + "' is not a stream path: " + why);
}

bool is_path_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.~/*").find(c) != std::string_view::npos;
}

Result<> check_component(std::string_view text, std::string_view component) {
    if (component.empty()) return refuse(text, "it has an empty component ('/' at an end, or '//')");
    if (component == "." || component == "..") return refuse(text, "'" + std::string(component) + "' in it");
    if (component.find("**") != std::string_view::npos)
        return refuse(text, "'**' is not known; '*' matches in one component");
    return {};
}

// Iterative, so that "a*a*a*…" costs length times length and no stack.
bool matches_from(std::string_view pattern, std::string_view path) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < path.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == path[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos && path[resume] != '/') {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace

Result<PathPattern> PathPattern::parse(std::string_view text) {
    if (text.empty()) return refuse(text, "it is empty");
    if (text.size() > kLongestPath) return refuse(text.substr(0, 32), "it is longer than 256 characters");
    for (char c : text) {
        if (is_path_character(c)) continue;
        return refuse(text, "it may have letters, digits, '-', '_', '.', '~', '/' and '*'");
    }
    for (std::size_t start = 0; start <= text.size();) {
        std::size_t end = std::min(text.find('/', start), text.size());
        if (auto fits = check_component(text, text.substr(start, end - start)); !fits)
            return tl::unexpected(fits.error());
        start = end + 1;
    }
    PathPattern pattern;
    pattern.text_ = text;
    return pattern;
}

std::size_t PathPattern::literal_prefix() const {
    return std::min(text_.find('*'), text_.size());
}

bool PathPattern::matches(std::string_view path) const {
    // A '*' stands for at least one character, so that "live/*" is not "live/".
    if (path.empty() || path.back() == '/' || path.front() == '/') return false;
    return matches_from(text_, path);
}

std::string PathPattern::example() const {
    std::string path;
    for (char c : text_) path += c == '*' ? std::string("NAME") : std::string(1, c);
    return path;
}

bool is_more_specific(const PathPattern& a, const PathPattern& b) {
    if (a.is_literal() != b.is_literal()) return a.is_literal();
    if (a.literal_prefix() != b.literal_prefix()) return a.literal_prefix() > b.literal_prefix();
    return a.text().size() > b.text().size();
}

std::string_view name_of(std::string_view path) {
    auto slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string substitute_path(std::string_view text, std::string_view path) {
    struct Word {
        std::string_view placeholder;
        std::string_view value;
    };
    const Word words[] = {{"{path}", path}, {"{name}", name_of(path)}};
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const Word* found = nullptr;
        for (const Word& word : words) {
            if (text.substr(at, word.placeholder.size()) == word.placeholder) found = &word;
        }
        out += found ? found->value : text.substr(at, 1);
        at += found ? found->placeholder.size() : 1;
    }
    return out;
}

}  // namespace millrace::launcher
