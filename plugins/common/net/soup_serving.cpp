// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/soup_serving.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/net/soup_message.hpp"

namespace millrace::net {

namespace {

// Bounds that libsoup does not set; its own is 64 KiB for a request's head.
constexpr std::size_t kLongestTarget = 8 << 10;
constexpr goffset kLargestBody = 1 << 20;
constexpr const char* kServerOfMessage = "millrace-server";
constexpr std::string_view kUrlTooLong = "the request's URL is too long";
constexpr std::string_view kBodyTooLarge = "the request's body is too large";

// Its reader would have it in memory to the end.
void forget_body(SoupServerMessage* message) {
    auto* body = soup_server_message_get_request_body(message);
    soup_message_body_truncate(body);
    soup_message_body_set_accumulate(body, FALSE);
}

// Under HTTP/2 libsoup 3.2 takes a request whose URL it cannot parse, and ends the process when it handles it
// (fixed upstream by "soup-server-http2: Check validity of the constructed connection URI"). A signal's hooks run
// before its handlers: such a request gets a 400, and its server never sees it.
gboolean refuse_without_url(GSignalInvocationHint*, guint, const GValue* values, gpointer) {
    auto* message = SOUP_SERVER_MESSAGE(g_value_get_object(&values[0]));
    gpointer server = g_object_get_data(G_OBJECT(message), kServerOfMessage);
    if (!server || soup_server_message_get_uri(message)) return TRUE;
    soup_server_message_set_status(message, SOUP_STATUS_BAD_REQUEST, nullptr);
    g_signal_handlers_block_matched(message, G_SIGNAL_MATCH_DATA, 0, 0, nullptr, nullptr, server);
    return TRUE;
}

void guard_against_bad_urls() {
    static const gulong hook = g_signal_add_emission_hook(
        g_signal_lookup("got-headers", G_TYPE_FROM_CLASS(g_type_class_ref(SOUP_TYPE_SERVER_MESSAGE))), 0,
        refuse_without_url, nullptr, nullptr);
    static_cast<void>(hook);
}

}  // namespace

// A request that was read, until its answer is sent.
class SoupServing::Request : public HttpResponder {
  public:
    explicit Request(SoupServerMessage* message) : message_(shared(message)) {}

    // Set aside until answer() comes, if it has not come during the call of the handler.
    void hold() {
        if (answered_) return;
        held_ = true;
        soup_server_message_pause(message_.get());
    }

    void answer(HttpReply reply) override {
        answered_ = true;
        respond(message_.get(), reply);
        if (std::exchange(held_, false)) soup_server_message_unpause(message_.get());
    }

    [[nodiscard]] bool answered() const { return answered_; }

    const std::shared_ptr<HttpPending> pending = std::make_shared<HttpPending>(*this);

  private:
    const GObjectRef<SoupServerMessage> message_;
    bool held_ = false;
    bool answered_ = false;
};

SoupServing::SoupServing(SoupServer* soup, std::shared_ptr<Worker> worker, std::shared_ptr<HttpService> service,
                         Events events)
    : soup_(shared(soup)), worker_(std::move(worker)), service_(std::move(service)), events_(std::move(events)) {
    guard_against_bad_urls();
    g_object_get(soup, "raw-paths", &raw_paths_, nullptr);
    g_signal_connect(soup, "request-started", G_CALLBACK(on_started), this);
    g_signal_connect(soup, "request-finished", G_CALLBACK(on_finished), this);
    g_signal_connect(soup, "request-aborted", G_CALLBACK(on_finished), this);
    soup_server_add_early_handler(soup, nullptr, on_headers, this, nullptr);
    soup_server_add_handler(soup, nullptr, on_request, this, nullptr);
}

SoupServing::~SoupServing() {
    g_signal_handlers_disconnect_by_data(soup_.get(), this);
    soup_server_remove_handler(soup_.get(), nullptr);
    auto requests = std::exchange(requests_, {});
    for (auto& [message, request] : requests) request->pending->lose();
}

bool SoupServing::waiting() const {
    return std::any_of(requests_.begin(), requests_.end(), [](const auto& entry) { return !entry.second->answered(); });
}

void SoupServing::on_started(SoupServer* soup, SoupServerMessage* message, gpointer self) {
    g_object_set_data(G_OBJECT(message), kServerOfMessage, soup);
    static_cast<SoupServing*>(self)->events_.began(message);
}

// Refuses early what must not be read to the end.
void SoupServing::on_headers(SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
    auto* uri = soup_server_message_get_uri(message);
    const char* query = g_uri_get_query(uri);
    if (std::strlen(g_uri_get_path(uri)) + (query ? std::strlen(query) : 0) > kLongestTarget)
        return refuse(message, SOUP_STATUS_REQUEST_URI_TOO_LONG, kUrlTooLong);
    auto* headers = soup_server_message_get_request_headers(message);
    switch (soup_message_headers_get_encoding(headers)) {
        case SOUP_ENCODING_NONE:
            return;
        case SOUP_ENCODING_CONTENT_LENGTH:
            if (soup_message_headers_get_content_length(headers) <= kLargestBody) return;
            forget_body(message);
            return refuse(message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, kBodyTooLarge);
        default:
            g_signal_connect(message, "got-chunk", G_CALLBACK(on_chunk), self);
    }
}

void SoupServing::on_chunk(SoupServerMessage* message, GBytes*, gpointer self) {
    if (soup_server_message_get_request_body(message)->length <= kLargestBody) return;
    g_signal_handlers_disconnect_by_func(message, reinterpret_cast<gpointer>(on_chunk), self);
    forget_body(message);
    refuse(message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, kBodyTooLarge);
}

void SoupServing::on_request(SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
    static_cast<SoupServing*>(self)->serve(message);
}

void SoupServing::serve(SoupServerMessage* message) {
    auto read = request_of(message, raw_paths_);
    if (!read) return refuse(message, SOUP_STATUS_BAD_REQUEST, "the request's URL is malformed");
    auto [entry, added] = requests_.emplace(message, std::make_unique<Request>(message));
    Request& request = *entry->second;
    service_->serve(HttpExchange(std::make_unique<HttpExchange::Impl>(
        HttpExchange::Impl{std::move(*read), peer_of(message), worker_, request.pending})));
    request.hold();
}

const std::string& SoupServing::peer_of(SoupServerMessage* message) {
    GSocketAddress* address = soup_server_message_get_remote_address(message);
    if (address != last_address_.get() || last_peer_.empty()) {
        last_address_ = shared(address);
        last_peer_ = text_of(address);
    }
    return last_peer_;
}

void SoupServing::on_finished(SoupServer*, SoupServerMessage* message, gpointer self) {
    static_cast<SoupServing*>(self)->finished(message);
}

void SoupServing::finished(SoupServerMessage* message) {
    auto found = requests_.find(message);
    if (found != requests_.end()) {
        auto request = std::move(found->second);
        requests_.erase(found);
        request->pending->lose();  // of no effect when it was answered
    }
    events_.finished();
}

}  // namespace millrace::net
