// SPDX-License-Identifier: LGPL-2.1-or-later
// The other end of a server under test: a blocking TCP client, and waiting with a deadline.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace millrace::test {

// Whether `true_at_last` came true in good time. Looks often; how long it takes proves nothing.
template <class F>
bool eventually(F&& true_at_last) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!true_at_last()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

struct Response {
    int status = 0;  // 0 = none came
    std::string head;
    std::string body;

    [[nodiscard]] bool has(std::string_view header_line) const { return head.find(header_line) != std::string::npos; }
};

class Client {
  public:
    explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        timeval patience{.tv_sec = 60, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    }
    ~Client() { close(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }

    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    // Sends what fits and says how much that was.
    std::size_t send_some(std::string_view bytes) {
        ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    bool get(const std::string& target, const std::string& method = "GET", const std::string& headers = "") {
        return send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
    }

    // Exactly `size` bytes, or fewer when the server closes.
    std::string receive(std::size_t size) {
        while (received_.size() < size && receive_more()) continue;
        return take(std::min(size, received_.size()));
    }
    // Everything until the server closes.
    std::string receive_all() {
        while (receive_more()) continue;
        return take(received_.size());
    }
    // True when the server closed the connection, orderly or not.
    bool closed_by_server() {
        while (receive_more()) continue;
        return ended_;
    }
    Response response(bool has_body = true) {
        std::size_t end = std::string::npos;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos)
            if (!receive_more()) return {};
        Response response;
        response.head = take(end + 4);
        response.status = std::atoi(response.head.c_str() + 9);
        auto length = response.head.find("Content-Length: ");
        if (has_body && length != std::string::npos)
            response.body = receive(static_cast<std::size_t>(std::atoll(response.head.c_str() + length + 16)));
        return response;
    }

    void end_sending() { ::shutdown(socket_, SHUT_WR); }
    void close() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }
    // The kernel sends a reset instead of an end.
    void abort() {
        linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        close();
    }

  private:
    bool receive_more() {
        char buffer[65536];
        ssize_t count = ::recv(socket_, buffer, sizeof(buffer), 0);
        if (count > 0) received_.append(buffer, static_cast<std::size_t>(count));
        ended_ = count == 0 || (count < 0 && errno == ECONNRESET);
        return count > 0;
    }
    std::string take(std::size_t size) {
        std::string taken = received_.substr(0, size);
        received_.erase(0, size);
        return taken;
    }

    int socket_;
    bool connected_ = false;
    bool ended_ = false;
    std::string received_;
};

inline Response fetch(std::uint16_t port, const std::string& target, const std::string& method = "GET") {
    Client client(port);
    client.get(target, method, "Connection: close\r\n");
    return client.response(method != "HEAD");
}

// While it lives, the process has one descriptor left to open.
class OneDescriptorLeft {
  public:
    OneDescriptorLeft() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit few{.rlim_cur = 512, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
        for (int another = 0; (another = ::dup(STDERR_FILENO)) >= 0;) hoard_.push_back(another);
        ::close(hoard_.back());
        hoard_.pop_back();
    }
    ~OneDescriptorLeft() {
        for (int descriptor : hoard_) ::close(descriptor);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    OneDescriptorLeft(const OneDescriptorLeft&) = delete;
    OneDescriptorLeft& operator=(const OneDescriptorLeft&) = delete;

  private:
    rlimit before_{};
    std::vector<int> hoard_;
};

// The server's ends of connections to `port` that this process still has open.
inline std::size_t connections_at(std::uint16_t port) {
    std::size_t count = 0;
    for (int descriptor = 0; descriptor < 4096; ++descriptor) {
        sockaddr_in6 own{};  // the port is at the same place for IPv4
        socklen_t own_length = sizeof(own);
        int listening = 0;
        socklen_t listening_length = sizeof(listening);
        if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &own_length) != 0) continue;
        if (own.sin6_family != AF_INET && own.sin6_family != AF_INET6) continue;
        ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_length);
        // A connection that was reset has no peer any more, but it has its descriptor.
        if (listening == 0 && ntohs(own.sin6_port) == port) ++count;
    }
    return count;
}

}  // namespace millrace::test
