// SPDX-License-Identifier: LGPL-2.1-or-later
// TCP listeners that drive a sans-I/O session for each connection. The loop every protocol needs, written once:
// wait, one input, drain output, drain events, re-arm the deadline.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/net/tls_files.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

class TcpConnection;

// What a connection drives. All calls come on the connection's worker, never concurrently.
class TcpSession {
  public:
    virtual ~TcpSession() = default;
    // Bytes arrived. An error ends the connection after its pending output is flushed; it is logged once with the peer.
    virtual Result<> receive(ByteView bytes, TimePoint now) = 0;
    virtual Result<> tick(TimePoint now) = 0;  // at or after deadline()
    virtual Bytes take_output() = 0;           // what to send; empty when nothing
    [[nodiscard]] virtual TimePoint deadline() const = 0;
    [[nodiscard]] virtual bool finished() const = 0;  // close once the output is flushed
    // The connection is gone, for whatever reason; the last call.
    virtual void closed(const std::optional<Error>& why) = 0;
};

// The owner's side of a live connection. Safe from any thread; does nothing once the connection is gone.
class TcpConnection {
  public:
    virtual ~TcpConnection() = default;
    virtual void pause_reading() = 0;  // back-pressure: the peer's TCP window fills
    virtual void resume_reading() = 0;
    virtual void close() = 0;  // flush and close
    // Runs `task` on the connection's worker, then flushes the session's output and re-arms its deadline.
    virtual void post(std::function<void()> task) = 0;
    [[nodiscard]] virtual const std::string& peer() const = 0;  // "127.0.0.1:52114"
};

struct TcpLimits {
    std::size_t max_connections = 10'000;
    std::size_t max_pending_output = 1 << 20;  // bytes; more ends the connection
    std::size_t read_at_once = 64 << 10;       // bytes a turn, so that one peer cannot hold the worker
};

class TcpServer {
  public:
    using MakeSession = std::function<std::unique_ptr<TcpSession>(std::shared_ptr<TcpConnection>)>;

    // Listens at "[ADDRESS]:PORT" (port 0 = a free one). Accepts on its own, spreads connections over the I/O workers.
    // The destructor closes the listener and every connection, and returns when all of them are gone. Not from a
    // session.
    static Result<std::unique_ptr<TcpServer>> listen(const std::string& address, MakeSession make,
                                                     TcpLimits limits = {}, std::optional<TlsFiles> tls = {});
    virtual ~TcpServer() = default;
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual std::size_t connections() const = 0;
};

}  // namespace millrace::net
