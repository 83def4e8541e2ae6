// SPDX-License-Identifier: LGPL-2.1-or-later
// A connected socket that never blocks, bare or under TLS. Knows bytes; not when to wait, nor what the bytes mean.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "common/net/descriptor.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

struct Progress {
    enum class State {
        moved,    // `bytes` went through
        blocked,  // nothing until it is ready for this
        ended,    // reading: the peer will send no more
        broken,   // the connection is unusable, `why` says how
    } state = State::moved;
    std::size_t bytes = 0;
    std::string why;
};

// Tells when a stream is worth trying again, as long as it lives. Worker thread only.
class Readiness {
  public:
    virtual ~Readiness() = default;
    virtual void want(bool read, bool write) = 0;
};

class Stream {
  public:
    using Ready = Worker::Watch::Ready;

    virtual ~Stream() = default;
    // On the worker's thread; before the stream's end.
    virtual std::unique_ptr<Readiness> tell(Worker& worker, std::function<void(Ready)> ready) = 0;
    virtual Progress read(std::span<std::uint8_t> into) = 0;
    // Writes the front of `from`, gathered. When blocked, call again with the same bytes in front.
    virtual Progress write(std::span<const iovec> from) = 0;
    virtual void end_writing() = 0;  // the peer reads an end; reading goes on
    // Whether less than asked for was all there is. Under TLS more may have been decrypted already.
    [[nodiscard]] virtual bool short_read_is_all() const = 0;
};

std::unique_ptr<Stream> bare_stream(Descriptor socket);

}  // namespace millrace::net
