// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/folder_name.hpp"

#include <algorithm>

namespace millrace::hls {

namespace {

// RFC 3986, 2.3, but for "~".
bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

}  // namespace

std::string folder_name(std::string_view wanted, std::span<const std::string> taken) {
    std::string name(wanted.empty() ? "rendition" : wanted);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !is_plain(c); }, '-');
    if (name.front() == '.') name.front() = '-';  // "..", and folders that hide
    std::string distinct = name;
    for (int number = 2; std::find(taken.begin(), taken.end(), distinct) != taken.end(); ++number) {
        distinct = name + "-" + std::to_string(number);
    }
    return distinct;
}

}  // namespace millrace::hls
