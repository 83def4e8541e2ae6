// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/soup_message.hpp"

#include <memory>
#include <string>

#include "common/net/http_reply.hpp"

namespace millrace::net {

namespace {

// Under it a GBytes shares a blob's bytes.
GBytes* share(const Blob& blob) {
    auto* owner = new std::shared_ptr<const Bytes>(blob.share());
    return g_bytes_new_with_free_func(
        blob.view().data(), blob.size(), [](gpointer held) { delete static_cast<std::shared_ptr<const Bytes>*>(held); },
        owner);
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

std::optional<HttpRequest> request_of(SoupServerMessage* message, bool raw_paths) {
    HttpRequest request;
    request.method = soup_server_message_get_method(message);
    if (!read_target(message, raw_paths, request)) return {};
    read_headers(message, request);
    read_body(message, request);
    return request;
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

}  // namespace millrace::net
