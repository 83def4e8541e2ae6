// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/stream_path.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace millrace::rtmp {

namespace {

constexpr std::size_t kMaxPath = 255;
constexpr std::size_t kMaxLegible = 512;

// Not allowed raw in a URL (RFC 3986), or with a meaning of their own to those who match paths.
constexpr std::string_view kForbidden = "\"<>\\^`{|}%#?*";

// Bytes of the UTF-8 character that `text` begins with (RFC 3629), 0 when it begins with none.
std::size_t character_size(std::string_view text) {
    auto byte = [text](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    if (byte(0) < 0x80) return 1;
    std::size_t size = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
    if (byte(0) < 0xc2 || byte(0) > 0xf4 || size > text.size()) return 0;
    for (std::size_t at = 1; at < size; ++at)
        if ((byte(at) & 0xc0) != 0x80) return 0;
    // Overlong forms, surrogates, and what is beyond U+10FFFF.
    bool valid = !(byte(0) == 0xe0 && byte(1) < 0xa0) && !(byte(0) == 0xed && byte(1) > 0x9f) &&
                 !(byte(0) == 0xf0 && byte(1) < 0x90) && !(byte(0) == 0xf4 && byte(1) > 0x8f);
    return valid ? size : 0;
}

bool is_control(char c) {
    return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f;
}

std::string_view trim_slashes(std::string_view text) {
    while (!text.empty() && text.front() == '/') text.remove_prefix(1);
    while (!text.empty() && text.back() == '/') text.remove_suffix(1);
    return text;
}

std::pair<std::string_view, std::string_view> split_query(std::string_view text) {
    std::size_t mark = text.find('?');
    if (mark == std::string_view::npos) return {trim_slashes(text), {}};
    return {trim_slashes(text.substr(0, mark)), text.substr(mark + 1)};
}

std::string joined(std::string_view a, char with, std::string_view b) {
    std::string text(a);
    if (!a.empty() && !b.empty()) text += with;
    return text.append(b);
}

bool has_bad_segment(std::string_view path) {
    for (;;) {
        std::string_view segment = path.substr(0, path.find('/'));
        if (segment.empty() || segment == "." || segment == "..") return true;
        if (segment.size() == path.size()) return false;
        path.remove_prefix(segment.size() + 1);
    }
}

bool has_bad_character(std::string_view text) {
    return text != legible(text) || text.find_first_of(kForbidden) != std::string_view::npos ||
           text.find(' ') != std::string_view::npos;
}

}  // namespace

Result<StreamPath> stream_path(std::string_view app, std::string_view stream) {
    auto [app_name, app_query] = split_query(app);
    auto [stream_name, stream_query] = split_query(stream);
    StreamPath named{joined(app_name, '/', stream_name), std::string(app_name), std::string(stream_name),
                     legible(joined(app_query, '&', stream_query))};
    if (named.path.empty()) return fail(Fault::bad_input, "the stream has no name");
    if (named.path.size() > kMaxPath)
        return fail(Fault::bad_input, "the stream's name is longer than " + std::to_string(kMaxPath) + " bytes");
    if (has_bad_segment(named.path) || has_bad_character(named.path))
        return fail(Fault::bad_input, "'" + legible(named.path) + "' cannot be a stream's name");
    return named;
}

std::string legible(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        std::size_t size = character_size(text);
        if (shown.size() + std::max<std::size_t>(size, 1) > kMaxLegible) break;
        if (size == 0 || is_control(text.front())) {
            shown += '?';
            size = 1;
        } else {
            shown.append(text.substr(0, size));
        }
        text.remove_prefix(size);
    }
    return shown;
}

}  // namespace millrace::rtmp
