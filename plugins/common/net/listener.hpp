// SPDX-License-Identifier: LGPL-2.1-or-later
// A listening TCP socket: opens it with errors a person can act on, and accepts whatever happens. What is done with a
// connection is its user's business.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.hpp"
#include "common/net/descriptor.hpp"
#include "common/net/listen_address.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

// A listening socket with a backlog of 1,024 and its port. `shared`: others of this process may listen at it too, and
// the kernel spreads connections over them (SO_REUSEPORT).
struct Listening {
    Descriptor socket;
    std::uint16_t port = 0;
};
Result<Listening> listen_at(const ListenAddress& address, bool shared = false);

// Why a socket of either kind cannot have the address, and what to do about it, by errno.
Error cannot_listen(const ListenAddress& address, int error);
// Whether an IPv6 socket failed for want of IPv6.
bool is_without_ipv6(int error);

class Listener {
  public:
    // Called on `worker`, with a socket that does not block, has TCP_NODELAY, and its peer ("127.0.0.1:52114").
    using Accepted = std::function<void(Descriptor socket, std::string peer)>;

    // Binds at once; accepts from start() on. Any thread.
    static Result<std::unique_ptr<Listener>> open(const ListenAddress& address, std::shared_ptr<Worker> worker);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void start(Accepted accepted);
    // Nothing is accepted any more, and the port is free, when it returns. Waits for the worker.
    void close();

    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    Listener(Descriptor socket, std::uint16_t port, std::shared_ptr<Worker> worker);
    void accept_waiting();

    Descriptor socket_;
    const std::uint16_t port_;
    std::shared_ptr<Worker> worker_;
    Accepted accepted_;  // this and below: the worker's thread
    std::unique_ptr<Worker::Watch> watch_;
    std::unique_ptr<Worker::Timer> pause_;
    bool starved_ = false;
};

}  // namespace millrace::net
