// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/ice/demultiplex.hpp"

namespace millrace::webrtc {

Traffic demultiplex(ByteView datagram) {
    if (datagram.empty()) return Traffic::unknown;
    const std::uint8_t first = datagram[0];
    if (first <= 3) return Traffic::stun;
    if (first >= 20 && first <= 63) return Traffic::dtls;
    if (first < 128 || first > 191 || datagram.size() < 2) return Traffic::unknown;
    // RTCP's packet types, which no payload type with its marker bit may look like (RFC 5761 4).
    const std::uint8_t second = datagram[1];
    return second >= 192 && second <= 223 ? Traffic::rtcp : Traffic::rtp;
}

}  // namespace millrace::webrtc
