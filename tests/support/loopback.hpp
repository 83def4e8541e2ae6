// SPDX-License-Identifier: LGPL-2.1-or-later
// A client on this machine, over a plain blocking socket: enough HTTP to read one answer, and raw bytes for the rest.
// Independent of common/net, which it tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace millrace::test {

class Socket {
  public:
    Socket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        timeval patience{.tv_sec = 20, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~Socket() { ::close(fd_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    bool connect(std::uint16_t port) {
        sockaddr_in address = loopback(port);
        return ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    // Until the other side closes or keeps quiet for too long.
    std::string receive_all() {
        std::string all;
        char buffer[65536];
        for (ssize_t got = 0; (got = ::recv(fd_, buffer, sizeof buffer, 0)) > 0;)
            all.append(buffer, static_cast<std::size_t>(got));
        return all;
    }

    // A port nobody listens on at the moment of asking.
    static std::uint16_t free_port() {
        int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = loopback(0);
        socklen_t length = sizeof address;
        ::bind(fd, reinterpret_cast<sockaddr*>(&address), length);
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
        ::close(fd);
        return ntohs(address.sin_port);
    }

  private:
    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    int fd_;
};

struct HttpAnswer {
    int status = 0;  // 0 = no answer
    std::string head;
    std::string body;

    // Of the header of this name, as it is spelled; "" without one.
    [[nodiscard]] std::string header(const std::string& name) const {
        const auto at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) return {};
        const auto from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }
};

// `headers` each end with CRLF.
inline HttpAnswer http_ask(std::uint16_t port, const std::string& method, const std::string& target,
                           const std::string& headers = {}, const std::string& body = {}) {
    Socket socket;
    if (!socket.connect(port)) return {};
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers;
    if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    socket.send(request + "\r\n" + body);
    std::string all = socket.receive_all();
    auto end = all.find("\r\n\r\n");
    if (end == std::string::npos || all.size() < 12) return {};
    return {std::atoi(all.c_str() + 9), all.substr(0, end), all.substr(end + 4)};
}

inline HttpAnswer http_get(std::uint16_t port, const std::string& target, const std::string& method = "GET") {
    return http_ask(port, method, target);
}

}  // namespace millrace::test
