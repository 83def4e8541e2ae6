// SPDX-License-Identifier: LGPL-2.1-or-later
// One SoupServer on one worker: requests of libsoup become exchanges, replies become responses. It also does what
// libsoup 3.2 leaves to its user: notices clients that go while they wait, ends connections that idle, bounds bodies,
// and listens on when accepting failed. What is served is the HttpService's business.
#pragma once

#include <libsoup/soup.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/net/certificate.hpp"
#include "common/net/gobject.hpp"
#include "common/net/http_exchange.hpp"
#include "common/net/listen_address.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

// All of it on the worker's thread.
class SoupFront {
  public:
    // A server of its own. It serves TLS, and HTTP/2 with it, when there is a certificate.
    SoupFront(std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service,
              std::shared_ptr<Certificate> certificate);
    // Through an application's server.
    SoupFront(std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service, SoupServer* soup);
    // Closes every connection; requests in flight are lost.
    ~SoupFront();
    SoupFront(const SoupFront&) = delete;
    SoupFront& operator=(const SoupFront&) = delete;

    // Shares the port with the fronts of other workers.
    Result<> listen(const ListenAddress& address);

  private:
    class Client;
    class Request;

    void connect();
    static void on_started(SoupServer*, SoupServerMessage* message, gpointer self);
    static void on_headers(SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self);
    static void on_chunk(SoupServerMessage* message, GBytes* chunk, gpointer self);
    static void on_request(SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self);
    static void on_finished(SoupServer*, SoupServerMessage* message, gpointer self);
    static void on_socket_gone(gpointer self, GObject* socket);

    Client* client_of(SoupServerMessage* message);
    void serve(SoupServerMessage* message);
    void finished(SoupServerMessage* message);
    void hung_up(Client& client);
    void on_tick();
    void end_slow_clients();
    void listen_again_if_deaf();

    const std::shared_ptr<Worker> worker_;
    const std::shared_ptr<HttpService> service_;
    const std::shared_ptr<Certificate> certificate_;
    const GObjectRef<SoupServer> soup_;
    const bool ours_;
    bool raw_paths_ = true;
    std::unordered_map<GSocket*, std::unique_ptr<Client>> clients_;
    std::unordered_map<SoupServerMessage*, std::unique_ptr<Request>> requests_;  // read, and not answered to the end

    ListenAddress address_;
    GObjectRef<GSocket> listening_;
    std::size_t accepted_ = 0;
    std::size_t accepted_at_last_tick_ = 0;
    bool waiting_at_last_tick_ = false;
    Worker::Timer tick_;
};

}  // namespace millrace::net
