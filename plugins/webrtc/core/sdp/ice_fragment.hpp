// SPDX-License-Identifier: LGPL-2.1-or-later
// The SDP fragments of trickle ICE and of ICE restarts (RFC 8840 9., RFC 9725 4.3). A viewer's candidates are counted
// and no more: ICE-lite learns addresses from checks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "webrtc/core/sdp/answer.hpp"

namespace millrace::webrtc {

inline constexpr std::size_t kMaxFragment = 16 << 10;

struct IceFragment {
    std::string ufrag;  // "" where it says none
    std::string password;
    std::size_t candidates = 0;
    bool complete = false;  // a=end-of-candidates
};

// Of several sections the first says the credentials: all are one transport. Fails with bad_input where a line is none,
// or credentials are not as RFC 8839 5.4 wants them.
Result<IceFragment> parse_ice_fragment(std::string_view text);

// The section that stands for the transport: the first that is served (RFC 9143 7.1.2).
struct FragmentSection {
    std::string kind;
    std::string protocol;
    std::string mid;
};
FragmentSection transport_section(const Answer& answer);

// What answers a restart: our new credentials.
std::string ice_fragment_text(const FragmentSection& section, const LocalTransport& local);

}  // namespace millrace::webrtc
