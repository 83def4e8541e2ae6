// SPDX-License-Identifier: LGPL-2.1-or-later
// A worker's share of an HTTP address: a listening socket and the clients that came through it.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "common/base/result.hpp"
#include "common/net/certificate.hpp"
#include "common/net/http_exchange.hpp"
#include "common/net/listener.hpp"
#include "common/net/soup_client.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

// All of it on the worker's thread.
class SoupFront {
  public:
    SoupFront(std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service,
              std::shared_ptr<Certificate> certificate);
    // Closes every connection; requests in flight are lost.
    ~SoupFront();
    SoupFront(const SoupFront&) = delete;
    SoupFront& operator=(const SoupFront&) = delete;

    // Shares the port with the fronts of other workers. With a certificate it serves TLS, and HTTP/2 with it.
    Result<> listen(const ListenAddress& address);

  private:
    Result<> await_next();
    void connected();
    void end(SoupClient& client);
    void close_shut_down();
    void on_tick();
    void await_again_if_deaf();

    const std::shared_ptr<Worker> worker_;
    const std::shared_ptr<HttpService> service_;
    const std::shared_ptr<Certificate> certificate_;
    Descriptor listening_;
    GObjectRef<GTlsCertificate> served_;
    std::unique_ptr<SoupClient> next_;  // the one that waits for a connection
    std::unordered_map<SoupClient*, std::unique_ptr<SoupClient>> clients_;
    std::vector<GObjectRef<GSocket>> shut_down_;  // to be closed at the next tick
    bool somebody_waited_ = false;                // at the last tick, for next_ to accept it
    Worker::Timer tick_;
};

}  // namespace millrace::net
