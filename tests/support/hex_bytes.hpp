// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes written as hexadecimal digits in a test; spaces are for the reader's eye.
#pragma once

#include <stdexcept>
#include <string_view>

#include "common/base/bytes.hpp"

namespace millrace::test {

inline Bytes from_hex(std::string_view digits) {
    Bytes out;
    int pending = -1;
    for (char c : digits) {
        if (c == ' ' || c == '\n') continue;
        auto value = std::string_view("0123456789abcdef").find(c);
        if (value == std::string_view::npos) throw std::invalid_argument("not a hexadecimal digit");
        if (pending < 0) {
            pending = static_cast<int>(value);
        } else {
            out.push_back(static_cast<std::uint8_t>(pending * 16 + static_cast<int>(value)));
            pending = -1;
        }
    }
    if (pending >= 0) throw std::invalid_argument("half a byte");
    return out;
}

}  // namespace millrace::test
