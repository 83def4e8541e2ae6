// SPDX-License-Identifier: LGPL-2.1-or-later
// Datagrams in a TCP stream, each behind its length (RFC 4571 2., RFC 6544 3.): for viewers whose firewall lets no UDP
// through.
#pragma once

#include <cstddef>
#include <functional>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"

namespace millrace::webrtc {

// What a peer may frame: no datagram of ICE, DTLS or RTCP is longer.
inline constexpr std::size_t kMostFramed = 2048;

class TcpDeframer {
  public:
    // Calls `take` with each datagram that is complete. bad_input for a length that nobody sends.
    Result<> push(ByteView bytes, const std::function<void(ByteView)>& take);

  private:
    Bytes rest_;  // of a datagram that has not come whole, with its length
};

// `datagram` is shorter than 64 KiB.
void put_framed(Bytes& out, ByteView datagram);

}  // namespace millrace::webrtc
