// SPDX-License-Identifier: LGPL-2.1-or-later
// What ICE's user fragments and passwords are made of (RFC 8839 5.4), and the two more characters that some libraries
// use, which do no harm.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace millrace::webrtc {

inline constexpr std::size_t kLeastUfrag = 4;
inline constexpr std::size_t kLeastPassword = 22;
inline constexpr std::size_t kMaxIceText = 256;

inline bool is_ice_text(std::string_view text, std::size_t least) {
    auto allowed = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
               c == '-' || c == '_' || c == '=';
    };
    return text.size() >= least && text.size() <= kMaxIceText && std::ranges::all_of(text, allowed);
}

}  // namespace millrace::webrtc
