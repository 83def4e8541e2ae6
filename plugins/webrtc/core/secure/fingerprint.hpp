// SPDX-License-Identifier: LGPL-2.1-or-later
// A certificate's SHA-256, which the session description vouches for (RFC 8122 5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::webrtc {

struct Fingerprint {
    std::array<std::uint8_t, 32> sha256{};
    bool operator==(const Fingerprint&) const = default;
};

// "AB:CD:…", in either case.
std::optional<Fingerprint> parse_fingerprint(std::string_view text);
// In upper case, as RFC 8122 has it.
std::string to_text(const Fingerprint& fingerprint);

}  // namespace millrace::webrtc
