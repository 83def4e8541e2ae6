// SPDX-License-Identifier: LGPL-2.1-or-later
// What a worker sends to its viewers. Each pass over them writes here, whatever the stream; what the socket does not
// take at once stays until it does, and nothing is written meanwhile.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "common/net/udp_port.hpp"
#include "webrtc/core/viewer/send_arena.hpp"
#include "webrtc/element/transport/tcp_paths.hpp"

namespace millrace::webrtc {

// The worker's thread only.
class Outbox {
  public:
    // Who was told to wait. Called once for each wait(), when there is room again.
    class Waiting {
      public:
        virtual ~Waiting() = default;
        virtual void resume() = 0;
    };

    // `tcp`: where viewers behind firewalls are.
    explicit Outbox(net::UdpSocket& socket, TcpPaths* tcp = nullptr) : socket_(socket), tcp_(tcp) {}
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    // Not to be written to while is_full().
    SendArena& arena() { return arena_; }
    // Sends what was written. False when the socket is full: wait().
    bool flush();
    [[nodiscard]] bool is_full() const { return full_; }
    void wait(std::weak_ptr<Waiting> who) { waiting_.push_back(std::move(who)); }

    // The socket takes more again.
    void writable();

  private:
    void address_runs();

    net::UdpSocket& socket_;
    TcpPaths* const tcp_;
    SendArena arena_;
    std::vector<net::UdpMessage> messages_;  // the arena's runs, while they are sent
    std::size_t sent_ = 0;                   // of the messages
    bool full_ = false;                      // the socket, and the rest of the messages waits
    std::vector<std::weak_ptr<Waiting>> waiting_;
};

}  // namespace millrace::webrtc
