// SPDX-License-Identifier: LGPL-2.1-or-later
// The lines that an answer and an ICE fragment have in common.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "webrtc/core/sdp/local_transport.hpp"

namespace millrace::webrtc {

// One line: all parts, and its end.
void put(std::string& out, std::initializer_list<std::string_view> parts);

void put_credentials(std::string& out, const LocalTransport& local);
void put_candidates(std::string& out, const LocalTransport& local);

}  // namespace millrace::webrtc
