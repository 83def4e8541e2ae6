// SPDX-License-Identifier: LGPL-2.1-or-later
// A connected socket that never blocks, bare or under TLS. Knows bytes; not when to wait, nor what the bytes mean.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/net/descriptor.hpp"

namespace millrace::net {

struct Progress {
    enum class State {
        moved,       // `bytes` went through
        must_read,   // nothing until the socket is readable
        must_write,  // nothing until the socket is writable
        ended,       // reading: the peer will send no more
        broken,      // the connection is unusable, `why` says how
    } state = State::moved;
    std::size_t bytes = 0;
    std::string why;
};

class Stream {
  public:
    virtual ~Stream() = default;
    virtual Progress read(std::span<std::uint8_t> into) = 0;
    // Writes the front of `from`, gathered. After must_* call again with the same bytes in front.
    virtual Progress write(std::span<const iovec> from) = 0;
    virtual void end_writing() = 0;  // the peer reads an end; reading goes on
    [[nodiscard]] virtual int descriptor() const = 0;
    // The application protocol TLS agreed on (ALPN), "" when none. Valid once a byte was read.
    [[nodiscard]] virtual std::string_view protocol() const { return {}; }
    [[nodiscard]] virtual bool encrypted() const { return false; }
};

std::unique_ptr<Stream> bare_stream(Descriptor socket);

}  // namespace millrace::net
