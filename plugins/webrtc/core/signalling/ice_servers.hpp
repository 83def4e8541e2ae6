// SPDX-License-Identifier: LGPL-2.1-or-later
// STUN and TURN servers as an operator writes them down.
#pragma once

#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "webrtc/core/signalling/reply.hpp"

namespace millrace::webrtc {

// "stun://HOST[:PORT], turn://USER:PASSWORD@HOST[:PORT][?transport=tcp], turns://…", separated by commas or blanks.
// Fails with bad_input for what is none of these; a TURN server must have a user and a password.
Result<std::vector<IceServer>> parse_ice_servers(std::string_view list);

}  // namespace millrace::webrtc
