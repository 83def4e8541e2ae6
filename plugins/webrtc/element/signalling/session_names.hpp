// SPDX-License-Identifier: LGPL-2.1-or-later
// What sessions are called: names that nobody guesses, and their places in URLs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace millrace::webrtc {

// In a URL: kSessionIdSize hexadecimal digits.
Result<std::string> new_session_id();
// In an answer (RFC 9429 5.2.1): below 2^63.
Result<std::uint64_t> new_session_number();

// "/live/cam%201/whip/ID": a stream's path as a Location header has it (RFC 3986 3.3).
std::string session_location(const std::string& path, std::string_view endpoint, std::string_view id);

}  // namespace millrace::webrtc
