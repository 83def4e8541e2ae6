// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bench/whep_viewers/http_request.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace millrace::bench {

namespace {

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// The chunks joined (RFC 9112 7.1); empty while the last is missing.
std::optional<std::string> join_chunks(std::string_view text) {
    std::string body;
    for (;;) {
        const std::size_t line = text.find("\r\n");
        if (line == std::string_view::npos) return {};
        std::size_t size = 0;
        std::from_chars(text.data(), text.data() + line, size, 16);
        if (size == 0) return body;
        if (text.size() < line + 2 + size + 2) return {};
        body += text.substr(line + 2, size);
        text.remove_prefix(line + 2 + size + 2);
    }
}

// Empty while there is more to come.
std::optional<HttpReply> read_reply(const std::string& text, bool ended) {
    const std::size_t head = text.find("\r\n\r\n");
    if (head == std::string::npos || text.size() < 12) return {};
    HttpReply reply;
    reply.status = std::atoi(text.c_str() + 9);
    for (std::size_t at = text.find("\r\n") + 2; at < head; at = text.find("\r\n", at) + 2) {
        const std::string line = text.substr(at, text.find("\r\n", at) - at);
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const std::size_t value = line.find_first_not_of(' ', colon + 1);
        reply.headers[lower(line.substr(0, colon))] = value == std::string::npos ? "" : line.substr(value);
    }
    const std::string_view body = std::string_view(text).substr(head + 4);
    if (auto length = reply.headers.find("content-length"); length != reply.headers.end()) {
        const std::size_t size = std::strtoull(length->second.c_str(), nullptr, 10);
        if (body.size() < size) return {};
        reply.body = body.substr(0, size);
        return reply;
    }
    if (reply.headers.contains("transfer-encoding")) {
        auto joined = join_chunks(body);
        if (!joined) return {};
        reply.body = std::move(*joined);
        return reply;
    }
    if (reply.status != 204 && !ended) return {};
    reply.body = body;
    return reply;
}

}  // namespace

Result<Url> parse_url(const std::string& text) {
    constexpr std::string_view kScheme = "http://";
    if (!text.starts_with(kScheme)) return fail(Fault::bad_input, text + ": only http:// URLs are understood");
    Url url;
    const std::size_t slash = text.find('/', kScheme.size());
    url.host = text.substr(kScheme.size(), slash == std::string::npos ? slash : slash - kScheme.size());
    if (slash != std::string::npos) url.path = text.substr(slash);
    if (const std::size_t colon = url.host.find(':'); colon != std::string::npos) {
        url.port = static_cast<std::uint16_t>(std::atoi(url.host.c_str() + colon + 1));
        url.host.resize(colon);
    }
    if (url.host == "localhost") url.host = "127.0.0.1";
    in_addr address{};
    if (inet_pton(AF_INET, url.host.c_str(), &address) != 1)
        return fail(Fault::bad_input, url.host + ": write the server's IPv4 address, such as 127.0.0.1");
    return url;
}

Url relative_to(const Url& base, const std::string& location) {
    if (auto absolute = parse_url(location)) return *absolute;
    Url url = base;
    url.path = location.starts_with('/') ? location : base.path.substr(0, base.path.rfind('/') + 1) + location;
    return url;
}

HttpRequest::HttpRequest(Poll& poll, const Message& message, std::function<void(const HttpReply&)> done)
    : poll_(poll), done_(std::move(done)), socket_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    outgoing_ = message.method + " " + message.url.path + " HTTP/1.1\r\nHost: " + message.url.host + ":" +
                std::to_string(message.url.port) + "\r\nConnection: close\r\n";
    if (!message.content_type.empty()) outgoing_ += "Content-Type: " + message.content_type + "\r\n";
    if (message.method != "GET") outgoing_ += "Content-Length: " + std::to_string(message.body.size()) + "\r\n";
    outgoing_ += "\r\n" + message.body;
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(message.url.port);
    inet_pton(AF_INET, message.url.host.c_str(), &to.sin_addr);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Should it fail at once, epoll says so.
    static_cast<void>(connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to));
    poll_.add(socket_, EPOLLIN | EPOLLOUT, *this);
}

HttpRequest::~HttpRequest() {
    hang_up();
}

void HttpRequest::hang_up() {
    if (socket_ < 0) return;
    poll_.remove(socket_, *this);
    close(std::exchange(socket_, -1));
}

void HttpRequest::ready(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0 && !outgoing_.empty()) send_some();
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive_some();
}

void HttpRequest::send_some() {
    const ssize_t sent = send(socket_, outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    if (sent > 0) outgoing_.erase(0, static_cast<std::size_t>(sent));
    if (outgoing_.empty()) poll_.change(socket_, EPOLLIN, *this);
}

void HttpRequest::receive_some() {
    std::array<char, 16384> buffer;
    for (;;) {
        const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count > 0) incoming_.append(buffer.data(), static_cast<std::size_t>(count));
        if (auto reply = read_reply(incoming_, count <= 0)) return finish(*reply);
        if (count <= 0) return finish({});
    }
}

void HttpRequest::finish(const HttpReply& reply) {
    hang_up();
    const auto done = std::exchange(done_, nullptr);
    if (done) done(reply);
}

}  // namespace millrace::bench
