// SPDX-License-Identifier: LGPL-2.1-or-later
// Records what one real publisher sends: accepts one TCP connection, answers it through rtmp::Session as a server
// would, and writes every byte that came to a file. Run by record.py; not a test.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "rtmp/core/session.hpp"

using namespace millrace;

namespace {

TimePoint now() {
    return TimePoint(std::chrono::steady_clock::now().time_since_epoch());
}

// Listens on a free port, prints it, and returns the first connection.
int accept_one() {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 1) != 0) return -1;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("%u\n", ntohs(address.sin_port));
    std::fflush(stdout);
    int peer = accept(listener, nullptr, nullptr);
    close(listener);
    return peer;
}

bool send_all(int peer, const Bytes& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        ssize_t sent = send(peer, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += static_cast<std::size_t>(sent);
    }
    return true;
}

void report(const rtmp::Event& event) {
    if (auto* asked = std::get_if<rtmp::PublishRequested>(&event))
        std::fprintf(stderr, "publishes %s from %s\n", asked->path.c_str(), asked->flash_version.c_str());
    if (auto* notice = std::get_if<rtmp::Notice>(&event)) std::fprintf(stderr, "notice: %s\n", notice->text.c_str());
    if (auto* closed = std::get_if<rtmp::Closed>(&event); closed && closed->why)
        std::fprintf(stderr, "error: %s\n", closed->why->what.c_str());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return std::fprintf(stderr, "usage: recorder FILE\n"), 2;
    std::ofstream file(argv[1], std::ios::binary);
    int peer = accept_one();
    if (peer < 0) return std::perror("listen"), 1;

    rtmp::Session session({}, now());
    std::size_t media = 0;
    bool failed = false;
    std::array<std::uint8_t, 65536> buffer{};
    for (ssize_t size = 0; !session.finished() && (size = recv(peer, buffer.data(), buffer.size(), 0)) > 0;) {
        ByteView in(buffer.data(), static_cast<std::size_t>(size));
        file.write(reinterpret_cast<const char*>(in.data()), size);
        failed |= !session.receive(in, now());
        while (auto event = session.next_event()) {
            report(*event);
            media += std::holds_alternative<rtmp::Media>(*event) ? 1 : 0;
            if (std::holds_alternative<rtmp::PublishRequested>(*event)) session.accept(now());
        }
        if (!send_all(peer, session.take_output())) break;
    }
    std::fprintf(stderr, "%zu access units, %llu dropped\n", media, static_cast<unsigned long long>(session.dropped()));
    close(peer);
    return failed ? 1 : 0;
}
