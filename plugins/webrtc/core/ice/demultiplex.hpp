// SPDX-License-Identifier: LGPL-2.1-or-later
// What a datagram on the one port is, by its first bytes (RFC 7983 7, RFC 5761 4).
#pragma once

#include "common/base/bytes.hpp"

namespace millrace::webrtc {

enum class Traffic { stun, dtls, rtp, rtcp, unknown };

Traffic demultiplex(ByteView datagram);

}  // namespace millrace::webrtc
