// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/soup_front.hpp"

#include <poll.h>

#include <utility>
#include <vector>

#include "common/net/log.hpp"

namespace millrace::net {

namespace {

constexpr Duration kTick = 1s;
constexpr std::size_t kMostClients = 20'000;

bool has_waiting_connection(const Descriptor& listening) {
    pollfd wanted{listening.get(), POLLIN, 0};
    return ::poll(&wanted, 1, 0) > 0;
}

}  // namespace

SoupFront::SoupFront(std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service,
                     std::shared_ptr<Certificate> certificate)
    : worker_(std::move(worker)),
      service_(std::move(service)),
      certificate_(std::move(certificate)),
      tick_(*worker_, [this] { on_tick(); }) {}

SoupFront::~SoupFront() {
    next_.reset();
    auto clients = std::exchange(clients_, {});  // their requests' users may look at us
    close_shut_down();
}

Result<> SoupFront::listen(const ListenAddress& address) {
    auto listening = listen_at(address, true);
    if (!listening) return tl::unexpected(listening.error());
    listening_ = std::move(listening->socket);
    tick_.at(now() + kTick);
    return await_next();
}

Result<> SoupFront::await_next() {
    somebody_waited_ = false;
    next_ = std::make_unique<SoupClient>(
        worker_, service_,
        SoupClient::Events{.connected = [this](auto&) { connected(); }, .gone = [this](auto& client) { end(client); }});
    if (certificate_) served_ = certificate_->current();
    return next_->await(listening_, served_.get());
}

void SoupFront::connected() {
    auto* client = next_.get();
    clients_.emplace(client, std::move(next_));
    if (clients_.size() < kMostClients) static_cast<void>(await_next());  // or the tick tries again
}

void SoupFront::end(SoupClient& client) {
    auto found = clients_.find(&client);
    if (found == clients_.end()) return;
    auto last = std::move(found->second);
    clients_.erase(found);
    if (auto socket = last->close()) shut_down_.push_back(std::move(socket));
}

void SoupFront::close_shut_down() {
    for (auto& socket : std::exchange(shut_down_, {})) g_socket_close(socket.get(), nullptr);
}

void SoupFront::on_tick() {
    tick_.at(now() + kTick);
    close_shut_down();
    std::vector<SoupClient*> over;
    for (auto& [client, owner] : clients_)
        if (client->is_over(now())) over.push_back(client);
    for (auto* client : over) end(*client);
    if (certificate_ && certificate_->current().get() != served_.get()) static_cast<void>(await_next());
    await_again_if_deaf();
}

// libsoup stops accepting for good when accept() fails once, as it does when the process is out of descriptors. Then
// a connection waits from one tick to the next.
void SoupFront::await_again_if_deaf() {
    bool somebody_waits = has_waiting_connection(listening_);
    bool deaf = !next_ || (somebody_waits && somebody_waited_);
    somebody_waited_ = somebody_waits;
    if (!deaf || clients_.size() >= kMostClients) return;
    if (auto again = await_next(); !again) log_notice("http: cannot accept connections for now: " + again.error().what);
}

}  // namespace millrace::net
