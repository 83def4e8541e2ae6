// SPDX-License-Identifier: LGPL-2.1-or-later
// What one RTMP connection may cost us. Every buffer and every wait of the core is bounded by a field of this struct.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/time.hpp"

namespace millrace::rtmp {

struct Limits {
    std::size_t max_input = 4 << 20;       // bytes: unparsed input and messages in assembly together; also one message
    std::size_t max_chunk_streams = 64;    // distinct chunk stream ids; real publishers use four to six
    std::size_t max_message_streams = 16;  // createStream without deleteStream
    Duration handshake = 10s;              // from the first byte to the end of the handshake
    Duration idle = 30s;                   // without a command, metadata or media
};

}  // namespace millrace::rtmp
