// SPDX-License-Identifier: LGPL-2.1-or-later
// What stands in an a=fmtp line: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "webrtc/core/sdp/words.hpp"

namespace millrace::webrtc {

// The value of a parameter; empty when it is not there.
inline std::optional<std::string_view> parameter_of(std::string_view fmtp, std::string_view name) {
    while (!fmtp.empty()) {
        std::string_view value = trimmed(take_word(fmtp, ';'));
        if (same_name(trimmed(take_word(value, '=')), name)) return trimmed(value);
    }
    return {};
}

// What it says when it is not there, or says nothing sensible, is in the payload format's RFC.
inline std::uint32_t number_of(std::string_view fmtp, std::string_view name, std::uint32_t otherwise) {
    auto value = parameter_of(fmtp, name);
    return value ? number_in(*value).value_or(otherwise) : otherwise;
}

}  // namespace millrace::webrtc
