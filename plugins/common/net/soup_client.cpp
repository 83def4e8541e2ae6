// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/soup_client.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <utility>

namespace millrace::net {

namespace {

constexpr Duration kIdle = 75s;          // between two requests
constexpr Duration kWholeRequest = 30s;  // from a connection's or a request's first byte to the request's last
constexpr int kUnread = 30'000;          // ms a client may leave what we sent unacknowledged
constexpr Duration kLookAgain = 100ms;

// libsoup reads this once a server is made; 3.2 has no other way to ask for HTTP/2. Setting the environment is safe
// only while no other thread reads it, so it is set once, before the first server.
void allow_http2() {
    static const gboolean done = g_setenv("SOUP_SERVER_HTTP2", "1", TRUE);
    static_cast<void>(done);
}

// libsoup 3.2 never lets go of the reference that accepting gave it.
bool leaks_accepted_sockets() {
    return soup_get_major_version() == 3 && soup_get_minor_version() <= 2;
}

SoupServer* new_soup_server() {
    allow_http2();
    return soup_server_new("raw-paths", TRUE, nullptr);
}

void set_option(int socket, int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof(value));
}

}  // namespace

SoupClient::SoupClient(std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service, Events events)
    : worker_(std::move(worker)),
      events_(std::move(events)),
      soup_(owned(new_soup_server())),
      look_(*worker_, [this] { look_if_gone(); }) {
    serving_.emplace(soup_.get(), worker_, std::move(service),
                     SoupServing::Events{.began = [this](auto* message) { began(message); },
                                         .finished =
                                             [this] {
                                                 moved(false);
                                                 if (hung_up_) look_.at(now());
                                             }});
}

SoupClient::~SoupClient() {
    if (auto socket = close()) g_socket_close(socket.get(), nullptr);
}

GObjectRef<GSocket> SoupClient::close() {
    watch_.reset();
    serving_.reset();
    soup_server_disconnect(soup_.get());
    auto socket = std::move(socket_);
    if (!socket) return {};
    if (leaks_accepted_sockets() && G_OBJECT(socket.get())->ref_count > 1) g_object_unref(socket.get());
    if (g_socket_is_closed(socket.get())) return {};
    ::shutdown(g_socket_get_fd(socket.get()), SHUT_RDWR);
    return socket;
}

Result<> SoupClient::await(const Descriptor& listening, GTlsCertificate* certificate) {
    GErrorText error;
    Descriptor copy(::fcntl(listening.get(), F_DUPFD_CLOEXEC, 0));
    listening_ = owned(g_socket_new_from_fd(copy.get(), error.out()));
    if (!listening_) return fail(Fault::no_resource, error.text());
    std::move(copy).release();  // the GSocket's now
    soup_server_set_tls_certificate(soup_.get(), certificate);
    auto options = certificate ? SOUP_SERVER_LISTEN_HTTPS : static_cast<SoupServerListenOptions>(0);
    if (!soup_server_listen_socket(soup_.get(), listening_.get(), options, error.out()))
        return fail(Fault::no_resource, error.text());
    return {};
}

// libsoup tells of the first request when it accepts the connection.
void SoupClient::began(SoupServerMessage* message) {
    moved(true);
    if (!socket_) connected(soup_server_message_get_socket(message));
}

void SoupClient::connected(GSocket* socket) {
    socket_ = shared(socket);
    int descriptor = g_socket_get_fd(socket);
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnread);
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    watch_.emplace(*worker_, descriptor, [this](auto ready) { on_socket(ready); });
    watch_->want_hang_up();
    g_socket_close(listening_.get(), nullptr);  // the copy: one connection is enough
    listening_.reset();
    events_.connected(*this);
}

void SoupClient::moved(bool reading) {
    reading_ = reading;
    since_ = now();
}

bool SoupClient::is_over(TimePoint time) const {
    if (!socket_) return false;
    if (g_socket_is_closed(socket_.get())) return true;
    return !serving_->busy() && time - since_ >= (reading_ ? kWholeRequest : kIdle);
}

void SoupClient::on_socket(Worker::Watch::Ready ready) {
    watch_.reset();  // it would be told for ever
    if (ready.broken) return tell_gone();
    hung_up_ = true;
    look_if_gone();
}

// The client will send no more. One that waits for an answer has given up; one that is being answered, or whose request
// is still to be read, may only have closed its own side.
void SoupClient::look_if_gone() {
    if (serving_->waiting()) return tell_gone();
    int unread = 0;
    if (socket_) ::ioctl(g_socket_get_fd(socket_.get()), FIONREAD, &unread);
    bool reads_on = unread > 0 && unread != std::exchange(unread_, unread);  // under HTTP/2 it may have stopped
    if (!serving_->busy() && !reads_on) return tell_gone();
    look_.at(now() + kLookAgain);
}

void SoupClient::tell_gone() {
    if (!std::exchange(told_gone_, true)) events_.gone(*this);
}

}  // namespace millrace::net
