// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers as codec strings write them: hexadecimal or decimal of a least width. Never asks the locale.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

namespace millrace::codec {

inline std::string digits(std::uint64_t value, int base, std::size_t least_width) {
    char text[64];
    auto end = std::to_chars(text, text + sizeof text, value, base).ptr;
    std::string out(text, end);
    return out.size() < least_width ? std::string(least_width - out.size(), '0') + out : out;
}

inline std::string hex(std::uint64_t value, std::size_t least_width = 1) {
    return digits(value, 16, least_width);
}
inline std::string decimal(std::uint64_t value, std::size_t least_width = 1) {
    return digits(value, 10, least_width);
}

}  // namespace millrace::codec
