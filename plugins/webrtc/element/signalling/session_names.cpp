// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/signalling/session_names.hpp"

#include <glib.h>

#include <array>
#include <memory>

#include "common/base/bytes.hpp"
#include "webrtc/core/secure/random.hpp"
#include "webrtc/core/signalling/request.hpp"

namespace millrace::webrtc {

namespace {

Result<std::string> random_hex(std::size_t digits) {
    Bytes dice((digits + 1) / 2);
    if (auto filled = fill_random(dice); !filled) return tl::unexpected(std::move(filled).error());
    std::string text;
    for (std::uint8_t byte : dice) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    text.resize(digits);
    return text;
}

// As a path in a Location header has it (RFC 3986 3.3).
std::string percent_encoded(const std::string& path) {
    std::unique_ptr<gchar, decltype(&g_free)> encoded(g_uri_escape_string(path.c_str(), "/!$&'()*+,;=:@", FALSE),
                                                      &g_free);
    return encoded.get();
}

}  // namespace

Result<std::string> new_session_id() {
    return random_hex(kSessionIdSize);
}

Result<std::uint64_t> new_session_number() {
    std::array<std::uint8_t, 8> dice{};
    if (auto filled = fill_random(dice); !filled) return tl::unexpected(std::move(filled).error());
    return ByteReader(dice).u64() >> 1;
}

std::string session_location(const std::string& path, std::string_view endpoint, std::string_view id) {
    return "/" + percent_encoded(path) + "/" + std::string(endpoint) + "/" + std::string(id);
}

}  // namespace millrace::webrtc
