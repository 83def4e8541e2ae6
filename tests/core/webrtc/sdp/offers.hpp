// SPDX-License-Identifier: LGPL-2.1-or-later
// What browsers offer to a WHEP endpoint, in the lines that decide something.
#pragma once

#include <string>
#include <string_view>

namespace millrace::webrtc::test {

// Chromium with two recvonly transceivers.
std::string chromium_offer();
// Firefox, the same.
std::string firefox_offer();
// Safari: no 42001f without constraint bits, H.265 among the first, High preferred.
std::string safari_offer();

// As SDP ends its lines.
std::string with_crlf(std::string_view text);

// The offer with one line in place of another; throws when it is not there.
std::string with(std::string offer, const std::string& line, const std::string& instead);

}  // namespace millrace::webrtc::test
