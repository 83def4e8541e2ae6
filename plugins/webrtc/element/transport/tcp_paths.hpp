// SPDX-License-Identifier: LGPL-2.1-or-later
// The peers' TCP connections, by the address at their other end. Any thread: a connection's worker need not be that
// of its peer.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>

#include "common/base/bytes.hpp"
#include "common/base/thread.hpp"
#include "common/net/tcp.hpp"
#include "webrtc/element/transport/addresses.hpp"

namespace millrace::webrtc {

// What waits to be sent on one connection.
class TcpPath {
  public:
    explicit TcpPath(std::shared_ptr<net::TcpConnection> connection) : connection_(std::move(connection)) {}

    // Datagrams of `segment` bytes, the last may be shorter. Lost when too many wait already: TCP has no way to say
    // that they are late.
    void send(ByteView datagrams, std::size_t segment);
    // Framed. The connection's worker.
    Bytes take_output();

  private:
    const std::shared_ptr<net::TcpConnection> connection_;
    Guarded<Bytes> output_;
};

class TcpPaths {
  public:
    void add(const TransportAddress& peer, std::shared_ptr<TcpPath> path);
    void remove(const TransportAddress& peer);
    // Nothing, where there is no such connection any more.
    void send(const TransportAddress& to, ByteView datagrams, std::size_t segment);

  private:
    Mutex mutex_;
    std::unordered_map<TransportAddress, std::shared_ptr<TcpPath>, AddressHash> paths_ GUARDED_BY(mutex_);
};

}  // namespace millrace::webrtc
