// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/fingerprint.hpp"

#include <cstddef>

namespace millrace::webrtc {

namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::optional<Fingerprint> parse_fingerprint(std::string_view text) {
    Fingerprint fingerprint;
    if (text.size() != fingerprint.sha256.size() * 3 - 1) return {};
    for (std::size_t i = 0; i < fingerprint.sha256.size(); ++i) {
        const int high = digit_value(text[3 * i]);
        const int low = digit_value(text[3 * i + 1]);
        if (high < 0 || low < 0 || (i > 0 && text[3 * i - 1] != ':')) return {};
        fingerprint.sha256[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return fingerprint;
}

std::string to_text(const Fingerprint& fingerprint) {
    std::string text;
    for (std::uint8_t byte : fingerprint.sha256) {
        if (!text.empty()) text.push_back(':');
        text.push_back(kDigits[byte >> 4]);
        text.push_back(kDigits[byte & 0xf]);
    }
    return text;
}

}  // namespace millrace::webrtc
