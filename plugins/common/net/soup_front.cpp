// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/soup_front.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <set>
#include <utility>
#include <vector>

#include "common/net/http_reply.hpp"
#include "common/net/listener.hpp"
#include "common/net/log.hpp"

namespace millrace::net {

namespace {

constexpr Duration kTick = 1s;
constexpr Duration kIdle = 75s;               // between two requests
constexpr Duration kWholeRequest = 30s;       // from a connection's or a request's first byte to the request's last
constexpr int kUnacknowledged = 30'000;       // ms a client may leave what we sent unread (TCP_USER_TIMEOUT)
constexpr std::size_t kMostClients = 20'000;  // of one worker
constexpr HttpBounds kBounds;

// Under it a GBytes shares a blob's bytes.
GBytes* share(const Blob& blob) {
    auto* owner = new std::shared_ptr<const Bytes>(blob.share());
    return g_bytes_new_with_free_func(
        blob.view().data(), blob.size(), [](gpointer held) { delete static_cast<std::shared_ptr<const Bytes>*>(held); },
        owner);
}

std::string text_of(GSocketAddress* address) {
    if (!address || !G_IS_INET_SOCKET_ADDRESS(address)) return "unknown";
    auto* inet = G_INET_SOCKET_ADDRESS(address);
    GInetAddress* host = g_inet_socket_address_get_address(inet);
    char* text = g_inet_address_to_string(host);
    std::string name(text);
    g_free(text);
    if (name.rfind("::ffff:", 0) == 0 && name.find('.') != std::string::npos)
        name.erase(0, 7);  // of a dual-stack socket
    if (name.find(':') != std::string::npos) name = "[" + name + "]";
    return name + ":" + std::to_string(g_inet_socket_address_get_port(inet));
}

// libsoup reads this once, when a server is made (3.2 has no other way to ask for HTTP/2). Setting the environment is
// safe only while no other thread reads it, so it is done once, before the first server and its threads' work.
void allow_http2() {
    static const bool done = g_setenv("SOUP_SERVER_HTTP2", "1", TRUE);
    static_cast<void>(done);
}

SoupServer* new_soup_server() {
    allow_http2();
    return soup_server_new("raw-paths", TRUE, nullptr);
}

void set_body(SoupServerMessage* message, const HttpReply& reply) {
    auto* headers = soup_server_message_get_response_headers(message);
    if (reply.status == SOUP_STATUS_NOT_MODIFIED) soup_message_headers_set_encoding(headers, SOUP_ENCODING_NONE);
    if (!states_length(reply.status)) return;
    if (!has_header(reply, "Content-Length") && reply.status != SOUP_STATUS_NOT_MODIFIED)
        soup_message_headers_set_content_length(headers, static_cast<goffset>(body_size(reply)));
    if (!sends_body(soup_server_message_get_method(message), reply.status)) return;
    auto* body = soup_server_message_get_response_body(message);
    for (const auto& blob : reply.body) {
        if (blob.empty()) continue;
        GBytes* bytes = share(blob);
        soup_message_body_append_bytes(body, bytes);
        g_bytes_unref(bytes);
    }
}

void respond(SoupServerMessage* message, const HttpReply& reply) {
    auto* headers = soup_server_message_get_response_headers(message);
    for (const auto& [name, value] : reply.headers)
        if (value.find_first_of("\r\n") == std::string::npos)  // would forge a header of its own
            soup_message_headers_append(headers, name.c_str(), value.c_str());
    soup_server_message_set_status(message, reply.status, nullptr);
    set_body(message, reply);
}

void refuse(SoupServerMessage* message, unsigned status, std::string_view why) {
    auto reply = text_reply(status, why);
    add_common_headers(reply);
    reply.headers.emplace_back("Connection", "close");
    respond(message, reply);
}

}  // namespace

// What libsoup does not watch of a connection.
class SoupFront::Client {
  public:
    Client(SoupFront& front, GSocket* socket)
        : socket_(g_socket_get_fd(socket)), watch_(std::in_place, *front.worker_, socket_, [this, &front](auto) {
              watch_.reset();  // it would be told for ever
              front.hung_up(*this);
          }) {
        watch_->want_hang_up();
        ::setsockopt(socket_, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledged, sizeof(kUnacknowledged));
        int on = 1;
        ::setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    }

    void request_began() { moved(true); }
    void request_read(Request* request) { in_flight.insert(request); }
    void request_finished(Request* request) {
        in_flight.erase(request);
        moved(false);
    }
    [[nodiscard]] bool too_slow(TimePoint time) const {
        return in_flight.empty() && time >= since_ + (reading_ ? kWholeRequest : kIdle);
    }
    // libsoup notices and closes.
    void hang_up() const { ::shutdown(socket_, SHUT_RDWR); }

    std::set<Request*> in_flight;

  private:
    void moved(bool reading) {
        reading_ = reading;
        since_ = now();
    }

    const int socket_;
    std::optional<Worker::Watch> watch_;
    bool reading_ = true;
    TimePoint since_ = now();
};

// A request that was read, until its answer is sent.
class SoupFront::Request : public HttpResponder {
  public:
    Request(SoupServerMessage* message, Client* of) : client(of), message_(shared(message)) {}

    // Set aside until answer() comes, if it has not come during the call of the handler.
    void hold() {
        if (answered_) return;
        held_ = true;
        soup_server_message_pause(message_.get());
    }

    void answer(HttpReply reply) override {
        answered_ = true;
        respond(message_.get(), reply);
        go_on();
    }

    // The client is gone: libsoup shall find out.
    void lose() {
        pending->lose();
        go_on();
    }

    const std::shared_ptr<HttpPending> pending = std::make_shared<HttpPending>(*this);
    Client* client;

  private:
    void go_on() {
        if (std::exchange(held_, false)) soup_server_message_unpause(message_.get());
    }

    const GObjectRef<SoupServerMessage> message_;
    bool held_ = false;
    bool answered_ = false;
};

SoupFront::SoupFront(std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service,
                     std::shared_ptr<Certificate> certificate)
    : worker_(std::move(worker)),
      service_(std::move(service)),
      certificate_(std::move(certificate)),
      soup_(owned(new_soup_server())),
      ours_(true),
      tick_(*worker_, [this] { on_tick(); }) {
    connect();
}

SoupFront::SoupFront(std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service, SoupServer* soup)
    : worker_(std::move(worker)),
      service_(std::move(service)),
      soup_(shared(soup)),
      ours_(false),
      tick_(*worker_, [this] { on_tick(); }) {
    gboolean raw = FALSE;
    g_object_get(soup, "raw-paths", &raw, nullptr);
    raw_paths_ = raw;
    connect();
}

void SoupFront::connect() {
    g_signal_connect(soup_.get(), "request-started", G_CALLBACK(on_started), this);
    g_signal_connect(soup_.get(), "request-finished", G_CALLBACK(on_finished), this);
    g_signal_connect(soup_.get(), "request-aborted", G_CALLBACK(on_finished), this);
    soup_server_add_early_handler(soup_.get(), nullptr, on_headers, this, nullptr);
    soup_server_add_handler(soup_.get(), nullptr, on_request, this, nullptr);
    tick_.at(now() + kTick);
}

SoupFront::~SoupFront() {
    g_signal_handlers_disconnect_by_data(soup_.get(), this);
    soup_server_remove_handler(soup_.get(), nullptr);
    auto requests = std::exchange(requests_, {});
    for (auto& [message, request] : requests) request->lose();
    requests.clear();
    for (auto& [socket, client] : clients_) g_object_weak_unref(G_OBJECT(socket), on_socket_gone, this);
    clients_.clear();
    if (ours_) soup_server_disconnect(soup_.get());
}

Result<> SoupFront::listen(const ListenAddress& address) {
    auto listening = listen_at(address, true);
    if (!listening) return tl::unexpected(listening.error());
    address_ = {address.host, listening->port};
    GErrorText error;
    auto socket = owned(g_socket_new_from_fd(listening->socket.get(), error.out()));
    if (!socket) return fail(Fault::no_resource, error.text());
    std::move(listening->socket).release();  // the GSocket's now
    if (certificate_) soup_server_set_tls_certificate(soup_.get(), certificate_->current().get());
    auto options = certificate_ ? SOUP_SERVER_LISTEN_HTTPS : SoupServerListenOptions(0);
    if (!soup_server_listen_socket(soup_.get(), socket.get(), options, error.out()))
        return fail(Fault::no_resource, "cannot listen at " + address_.text() + ": " + error.text());
    listening_ = std::move(socket);
    return {};
}

// A request's first byte; of a connection's first request, its connection.
void SoupFront::on_started(SoupServer*, SoupServerMessage* message, gpointer data) {
    auto& self = *static_cast<SoupFront*>(data);
    GSocket* socket = soup_server_message_get_socket(message);
    if (!socket) return;  // a stream of the application's own
    auto& client = self.clients_[socket];
    if (client) return client->request_began();
    ++self.accepted_;
    client = std::make_unique<Client>(self, socket);
    g_object_weak_ref(G_OBJECT(socket), on_socket_gone, data);
    if (self.clients_.size() > kMostClients) client->hang_up();
}

void SoupFront::on_socket_gone(gpointer data, GObject* socket) {
    auto& self = *static_cast<SoupFront*>(data);
    auto found = self.clients_.find(reinterpret_cast<GSocket*>(socket));
    if (found == self.clients_.end()) return;
    for (auto* request : found->second->in_flight) request->client = nullptr;
    self.clients_.erase(found);
}

// Refuses early what must not be read to the end.
void SoupFront::on_headers(SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer data) {
    auto* headers = soup_server_message_get_request_headers(message);
    auto* uri = soup_server_message_get_uri(message);
    const char* query = g_uri_get_query(uri);
    if (std::string_view(g_uri_get_path(uri)).size() + std::string_view(query ? query : "").size() > kBounds.target)
        return refuse(message, SOUP_STATUS_REQUEST_URI_TOO_LONG, "the request's URL is too long");
    if (soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CONTENT_LENGTH) {
        if (soup_message_headers_get_content_length(headers) <= static_cast<goffset>(kBounds.body)) return;
        soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
        return refuse(message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "the request's body is too large");
    }
    g_signal_connect(message, "got-chunk", G_CALLBACK(on_chunk), data);
}

void SoupFront::on_chunk(SoupServerMessage* message, GBytes*, gpointer data) {
    auto* body = soup_server_message_get_request_body(message);
    if (body->length <= static_cast<goffset>(kBounds.body)) return;
    soup_message_body_set_accumulate(body, FALSE);
    soup_message_body_truncate(body);
    refuse(message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "the request's body is too large");
    g_signal_handlers_disconnect_by_func(message, reinterpret_cast<gpointer>(on_chunk), data);
}

void SoupFront::on_request(SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer data) {
    static_cast<SoupFront*>(data)->serve(message);
}

SoupFront::Client* SoupFront::client_of(SoupServerMessage* message) {
    auto found = clients_.find(soup_server_message_get_socket(message));
    return found == clients_.end() ? nullptr : found->second.get();
}

namespace {

bool read_target(SoupServerMessage* message, bool raw_paths, HttpRequest& request) {
    auto* uri = soup_server_message_get_uri(message);
    std::string target = g_uri_get_path(uri);
    if (!raw_paths) {  // the application's server has decoded it
        char* escaped = g_uri_escape_string(target.c_str(), "/", FALSE);
        target = escaped;
        g_free(escaped);
    }
    if (target.empty()) target = "/";
    if (const char* query = g_uri_get_query(uri)) target.append("?").append(query);
    return request.set_target(target);
}

void read_headers(SoupServerMessage* message, HttpRequest& request) {
    auto* headers = soup_server_message_get_request_headers(message);
    SoupMessageHeadersIter iterator;
    const char* name = nullptr;
    const char* value = nullptr;
    soup_message_headers_iter_init(&iterator, headers);
    while (soup_message_headers_iter_next(&iterator, &name, &value)) request.add_header(name, value);
    // Handlers decide about ranges; libsoup would cut every 200 by itself.
    soup_message_headers_remove(headers, "Range");
}

void read_body(SoupServerMessage* message, HttpRequest& request) {
    auto* body = soup_server_message_get_request_body(message);
    if (body->length == 0) return;
    GBytes* flat = soup_message_body_flatten(body);
    gsize size = 0;
    const auto* data = static_cast<const std::uint8_t*>(g_bytes_get_data(flat, &size));
    request.body.assign(data, data + size);
    g_bytes_unref(flat);
}

}  // namespace

void SoupFront::serve(SoupServerMessage* message) {
    HttpRequest read;
    read.method = soup_server_message_get_method(message);
    if (!read_target(message, raw_paths_, read))
        return refuse(message, SOUP_STATUS_BAD_REQUEST, "the request's URL is malformed");
    read_headers(message, read);
    read_body(message, read);

    Client* client = client_of(message);
    auto& request = requests_[message];
    request = std::make_unique<Request>(message, client);
    if (client) client->request_read(request.get());
    service_->serve(HttpExchange(std::make_unique<HttpExchange::Impl>(HttpExchange::Impl{
        std::move(read), text_of(soup_server_message_get_remote_address(message)), worker_, request->pending})));
    request->hold();
}

void SoupFront::on_finished(SoupServer*, SoupServerMessage* message, gpointer data) {
    static_cast<SoupFront*>(data)->finished(message);
}

void SoupFront::finished(SoupServerMessage* message) {
    auto found = requests_.find(message);
    if (found == requests_.end()) {
        if (auto* client = client_of(message)) client->request_finished(nullptr);
        return;
    }
    auto request = std::move(found->second);
    requests_.erase(found);
    if (request->client) request->client->request_finished(request.get());
    request->pending->lose();  // unless it was answered
}

void SoupFront::hung_up(Client& client) {
    auto in_flight = client.in_flight;
    if (in_flight.empty()) return;  // libsoup reads the end by itself
    client.hang_up();
    for (auto* request : in_flight) request->lose();
}

void SoupFront::on_tick() {
    tick_.at(now() + kTick);
    end_slow_clients();
    if (!ours_) return;
    listen_again_if_deaf();
    if (certificate_) soup_server_set_tls_certificate(soup_.get(), certificate_->current().get());
}

void SoupFront::end_slow_clients() {
    for (auto& [socket, client] : clients_)
        if (client->too_slow(now())) client->hang_up();
}

// libsoup stops accepting for good when accept() fails once, as it does when the process is out of descriptors. Then
// connections wait while none is accepted, tick after tick; a new socket replaces the old.
void SoupFront::listen_again_if_deaf() {
    if (!listening_) return;
    pollfd waiting{g_socket_get_fd(listening_.get()), POLLIN, 0};
    bool somebody = ::poll(&waiting, 1, 0) > 0;
    bool deaf = somebody && waiting_at_last_tick_ && accepted_ == accepted_at_last_tick_;
    waiting_at_last_tick_ = somebody && !deaf;
    accepted_at_last_tick_ = accepted_;
    if (!deaf) return;
    g_socket_close(listening_.get(), nullptr);
    listening_.reset();
    if (auto again = listen(address_); !again)
        log_notice("http: " + again.error().what);
    else
        log_notice("http: " + address_.text() + ": accepting connections failed; listening again");
}

}  // namespace millrace::net
