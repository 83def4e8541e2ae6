// SPDX-License-Identifier: LGPL-2.1-or-later
// A string as JSON has it (RFC 8259 7.). The one thing of JSON that an error needs.
#pragma once

#include <string>
#include <string_view>

namespace millrace::webrtc {

// Control characters, and what is beyond ASCII, of which nobody vouches that it is UTF-8, become spaces.
inline std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c >= 0x20 && c < 0x7f ? c : ' ';
    }
    return out + '"';
}

}  // namespace millrace::webrtc
