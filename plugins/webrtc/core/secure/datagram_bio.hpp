// SPDX-License-Identifier: LGPL-2.1-or-later
// What OpenSSL takes for its socket: it reads the datagram that is given, and what it writes is gathered, each write a
// datagram. A memory BIO would run datagrams together.
#pragma once

#include <openssl/bio.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "common/base/bytes.hpp"

namespace millrace::webrtc {

struct DatagramPort {
    // A whole flight is three; one that nobody takes may not grow.
    static constexpr std::size_t kMaxOutgoing = 32;

    std::optional<ByteView> incoming;  // gone once it was read
    std::vector<Bytes> outgoing;
};

// The port must outlive it. Null when the machine is out of memory.
BIO* make_datagram_bio(DatagramPort& port, std::size_t mtu);

}  // namespace millrace::webrtc
