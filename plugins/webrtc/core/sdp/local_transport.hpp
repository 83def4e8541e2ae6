// SPDX-License-Identifier: LGPL-2.1-or-later
// Our side of a connection, which is the same for all sections: they are bundled.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "webrtc/core/secure/fingerprint.hpp"

namespace millrace::webrtc {

// An address that a peer can send its checks to (RFC 8839 5.1); TCP is passive (RFC 6544).
struct HostCandidate {
    enum class Transport { udp, tcp } transport = Transport::udp;
    std::string address;  // IPv4 or IPv6, as text
    std::uint16_t port = 0;
};

struct LocalTransport {
    std::string ufrag;
    std::string password;
    Fingerprint fingerprint;
    std::vector<HostCandidate> candidates;
};

}  // namespace millrace::webrtc
