// SPDX-License-Identifier: LGPL-2.1-or-later
// Text in URLs and headers (RFC 3986 2.1): bytes that have a meaning there are two hexadecimal digits behind a %.
#pragma once

#include <string>
#include <string_view>

namespace millrace::webrtc {

std::string percent_encoded(std::string_view text);
// What is no encoding stands for itself.
std::string percent_decoded(std::string_view text);
// Of "a=1&b=2"; the first of that name, decoded; "" where there is none.
std::string query_value(std::string_view query, std::string_view name);

}  // namespace millrace::webrtc
