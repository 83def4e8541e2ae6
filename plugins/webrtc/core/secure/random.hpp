// SPDX-License-Identifier: LGPL-2.1-or-later
// The one source of randomness here, which is OpenSSL's: what a viewer must not guess, and what must not repeat.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/base/result.hpp"

namespace millrace::webrtc {

// Fails with no_resource when the machine has no entropy to give.
Result<> fill_random(std::span<std::uint8_t> out);
Result<std::uint32_t> random_u32();

// Characters of ICE's alphabet (RFC 8839, 5.4: ALPHA, DIGIT, "+" and "/"), six bits of randomness each.
Result<std::string> random_ice_text(std::size_t length);

// RFC 8445, 5.3 asks for 24 bits in a fragment and 128 in a password. The fragment has 48, so that those of thousands
// of viewers on one port do not meet.
inline constexpr std::size_t kUfragLength = 8;
inline constexpr std::size_t kPasswordLength = 24;

struct IceCredentials {
    std::string ufrag;
    std::string password;
};
Result<IceCredentials> make_ice_credentials();

}  // namespace millrace::webrtc
