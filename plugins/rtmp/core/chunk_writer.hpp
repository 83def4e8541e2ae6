// SPDX-License-Identifier: LGPL-2.1-or-later
// The chunk stream, written the plain way: every message with a full header, for the few that a server sends
// (RTMP 1.0, clause 5.3). Knows only which message changes its own chunk size.
#pragma once

#include <cstdint>

#include "common/base/bytes.hpp"
#include "rtmp/core/message.hpp"

namespace millrace::rtmp {

class ChunkWriter {
  public:
    // Appends the message in chunks. A Set Chunk Size holds for whatever is written after it.
    void write(Bytes& out, std::uint32_t chunk_stream, const Message& message);

  private:
    std::uint32_t chunk_size_ = kInitialChunkSize;
};

}  // namespace millrace::rtmp
