// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection with a SoupServer of its own, because soup_server_disconnect() is the one public way to close a
// connection of libsoup's. libsoup 3.2 itself keeps connections for ever whose client left while idle, while it waited
// for an answer, or under HTTP/2 at any time, and leaks every socket object (fixed in 3.4); it sets no time limits.
#pragma once

#include <libsoup/soup.h>

#include <functional>
#include <memory>
#include <optional>

#include "common/base/result.hpp"
#include "common/net/descriptor.hpp"
#include "common/net/gobject.hpp"
#include "common/net/http_exchange.hpp"
#include "common/net/soup_serving.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

// All of it on the worker's thread.
class SoupClient {
  public:
    struct Events {
        std::function<void(SoupClient&)> connected;
        std::function<void(SoupClient&)> gone;  // destroy it, then or later
    };

    SoupClient(std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service, Events events);
    ~SoupClient();
    SoupClient(const SoupClient&) = delete;
    SoupClient& operator=(const SoupClient&) = delete;

    // Accepts one connection from a listening socket, of which it makes a copy. With a certificate it serves TLS.
    // (For another certificate make another: libsoup leaks the one it had.)
    Result<> await(const Descriptor& listening, GTlsCertificate* certificate);

    // Closes the connection; nothing is told any more. Answers the socket when it stays open, shut down: a TLS
    // handshake is under way, and its thread must be done with the descriptor before that may be another's.
    GObjectRef<GSocket> close();

    // True when libsoup has closed the connection, or the client takes too long with its request.
    [[nodiscard]] bool is_over(TimePoint time) const;

  private:
    void began(SoupServerMessage* message);
    void connected(GSocket* socket);
    void moved(bool reading);
    void on_socket(Worker::Watch::Ready ready);
    void look_if_gone();
    void tell_gone();

    const std::shared_ptr<Worker> worker_;
    const Events events_;
    const GObjectRef<SoupServer> soup_;
    std::optional<SoupServing> serving_;
    GObjectRef<GSocket> listening_;
    GObjectRef<GSocket> socket_;
    std::optional<Worker::Watch> watch_;
    Worker::Timer look_;
    bool hung_up_ = false;
    int unread_ = 0;  // bytes the client left, when last looked at
    bool told_gone_ = false;
    bool reading_ = true;
    TimePoint since_{};  // when it last began or finished something
};

}  // namespace millrace::net
