// SPDX-License-Identifier: LGPL-2.1-or-later
// Why somebody has no session, as an answer to their request.
#pragma once

#include <string_view>

#include "common/base/result.hpp"
#include "webrtc/core/signalling/reply.hpp"

namespace millrace::webrtc {

// 400 for an offer that cannot be read, 406 for one with nothing in common, 500 for what is our fault.
SignallingReply problem_of(const Error& error);

// 503 with Retry-After (RFC 9725 4.5).
inline constexpr std::string_view kRetrySoon = "1";   // seconds
inline constexpr std::string_view kRetryLater = "5";  // seconds
SignallingReply try_again(std::string_view seconds, std::string_view title, std::string_view detail);

// 401 with what to send (RFC 9725 4.7, RFC 6750 3.), or 403 for a token that does not allow it; `what` is "watch" or
// "publish".
SignallingReply unauthorized(bool had_token, std::string_view what);

// 409: the path has a publisher.
SignallingReply path_taken(std::string_view path);

// 404
SignallingReply no_such_session();

}  // namespace millrace::webrtc
