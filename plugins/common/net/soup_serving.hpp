// SPDX-License-Identifier: LGPL-2.1-or-later
// What comes in at a SoupServer becomes exchanges, and their replies its responses, now or later. Bounds what a request
// may hold. Knows messages; not sockets or listeners.
#pragma once

#include <libsoup/soup.h>

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "common/net/gobject.hpp"
#include "common/net/http_exchange.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

// All of it on the worker's thread.
class SoupServing {
  public:
    struct Events {
        std::function<void(SoupServerMessage*)> began = [](auto*) {};  // a connection, or a request's first byte
        std::function<void()> finished = [] {};                        // a request was answered to the end, or failed
    };

    SoupServing(SoupServer* soup, std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service, Events events);
    ~SoupServing();  // requests in flight are lost
    SoupServing(const SoupServing&) = delete;
    SoupServing& operator=(const SoupServing&) = delete;

    // Requests that were read and are not answered to the end.
    [[nodiscard]] bool busy() const { return !requests_.empty(); }
    // Some of them have no answer yet.
    [[nodiscard]] bool waiting() const;

  private:
    class Request;

    static void on_started(SoupServer* soup, SoupServerMessage* message, gpointer self);
    static void on_headers(SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self);
    static void on_chunk(SoupServerMessage* message, GBytes* chunk, gpointer self);
    static void on_request(SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self);
    static void on_finished(SoupServer*, SoupServerMessage* message, gpointer self);
    void serve(SoupServerMessage* message);
    const std::string& peer_of(SoupServerMessage* message);
    void finished(SoupServerMessage* message);

    const GObjectRef<SoupServer> soup_;
    const std::shared_ptr<Worker> worker_;
    const std::shared_ptr<HttpService> service_;
    const Events events_;
    gboolean raw_paths_ = FALSE;
    GObjectRef<GSocketAddress> last_address_;  // a connection's address is one object
    std::string last_peer_;
    std::unordered_map<SoupServerMessage*, std::unique_ptr<Request>> requests_;
};

}  // namespace millrace::net
