// SPDX-License-Identifier: LGPL-2.1-or-later
// What a packet to a viewer costs when nothing is done but encrypting and sending it: the limit beside which a server's
// cost is read. Sends a 720p30 stream of 2.5 Mbit/s with Opus to many loopback sockets, which a process of its own
// drains, in the rhythm of a live stream: a frame to every viewer, one system call for many, segmented by the kernel.
//
//     fanout-limit VIEWERS SECONDS          prints one JSON object
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "webrtc/core/secure/srtp_sender.hpp"

namespace {

using namespace millrace;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeader = 12;
constexpr std::size_t kVideoPackets = 9;  // a frame: 10.4 kB
constexpr std::size_t kVideoPayload = 1157;
constexpr std::size_t kAudioPayload = 160;  // 20 ms at 64 kbit/s
constexpr std::size_t kRoom = kVideoPackets * (kHeader + kVideoPayload + 16);
constexpr std::size_t kBatch = 64;
constexpr int kSendBuffer = 4 << 20;
constexpr int kReceiveBuffer = 1 << 20;

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::exit(1);
}

// -- the receivers ---------------------------------------------------------------------------------------------------

std::vector<int> open_receivers(std::size_t count, std::vector<sockaddr_in>& addresses) {
    std::vector<int> sockets;
    for (std::size_t index = 0; index < count; ++index) {
        const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (descriptor < 0 || bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0)
            die("no socket (ulimit -n says how many there may be)");
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
        getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
        sockets.push_back(descriptor);
        addresses.push_back(address);
    }
    return sockets;
}

// Ends with its parent.
[[noreturn]] void drain(const std::vector<int>& sockets) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    for (int descriptor : sockets) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = descriptor;
        epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
    }
    static std::array<std::array<char, 2048>, 32> bytes;
    std::array<iovec, 32> vectors{};
    std::array<mmsghdr, 32> messages{};
    for (std::size_t index = 0; index < messages.size(); ++index) {
        vectors[index] = {bytes[index].data(), bytes[index].size()};
        messages[index].msg_hdr.msg_iov = &vectors[index];
        messages[index].msg_hdr.msg_iovlen = 1;
    }
    std::array<epoll_event, 512> events;
    for (;;) {
        const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
        for (int index = 0; index < ready; ++index)
            recvmmsg(events[static_cast<std::size_t>(index)].data.fd, messages.data(), messages.size(), MSG_DONTWAIT,
                     nullptr);
    }
}

// -- the sender ------------------------------------------------------------------------------------------------------

// One sendmmsg()'s messages, each with its datagrams behind one another.
class Batch {
  public:
    explicit Batch(int descriptor) : socket_(descriptor), bytes_(kBatch * kRoom) {}

    // Where the next message's datagrams go.
    std::span<std::uint8_t> room() { return std::span(bytes_).subspan(used_ * kRoom, kRoom); }

    void add(sockaddr_in& to, std::size_t size, std::uint16_t segment) {
        vectors_[used_] = {bytes_.data() + used_ * kRoom, size};
        msghdr& header = messages_[used_].msg_hdr;
        header = {};
        header.msg_name = &to;
        header.msg_namelen = sizeof to;
        header.msg_iov = &vectors_[used_];
        header.msg_iovlen = 1;
        if (size > segment) {
            header.msg_control = controls_[used_].data();
            header.msg_controllen = CMSG_SPACE(sizeof segment);
            cmsghdr* control = CMSG_FIRSTHDR(&header);
            control->cmsg_level = SOL_UDP;
            control->cmsg_type = UDP_SEGMENT;
            control->cmsg_len = CMSG_LEN(sizeof segment);
            std::memcpy(CMSG_DATA(control), &segment, sizeof segment);
        }
        if (++used_ == kBatch) flush();
    }

    void flush() {
        for (std::size_t sent = 0; sent < used_;) {
            const int count = sendmmsg(socket_, &messages_[sent], static_cast<unsigned>(used_ - sent), 0);
            if (count <= 0) die("sendmmsg");
            sent += static_cast<std::size_t>(count);
        }
        used_ = 0;
    }

  private:
    int socket_;
    std::size_t used_ = 0;
    Bytes bytes_;
    std::array<iovec, kBatch> vectors_{};
    std::array<mmsghdr, kBatch> messages_{};
    alignas(cmsghdr) std::array<std::array<char, CMSG_SPACE(sizeof(std::uint16_t))>, kBatch> controls_{};
};

struct Viewer {
    webrtc::SrtpSender sender;
    sockaddr_in address{};
};

std::vector<Viewer> make_viewers(const std::vector<sockaddr_in>& addresses) {
    std::vector<Viewer> viewers;
    for (const sockaddr_in& address : addresses) {
        webrtc::SessionKeys keys;
        std::memcpy(keys.cipher.bytes.data(), &address.sin_port, sizeof address.sin_port);
        auto sender = webrtc::SrtpSender::make(webrtc::SrtpProfile::aead_aes_128_gcm, keys);
        if (!sender) die("no memory for ciphers");
        viewers.push_back({std::move(*sender), address});
    }
    return viewers;
}

struct Stream {
    std::uint32_t ssrc = 0;
    std::size_t packets = 1;  // a frame
    std::size_t payload = 0;
    std::uint64_t index = 0;

    // A frame to everybody.
    void send(std::vector<Viewer>& viewers, Batch& batch) {
        static const Bytes content(kVideoPayload, 0x5a);
        for (Viewer& viewer : viewers) {
            auto room = batch.room();
            std::size_t size = 0;
            for (std::size_t packet = 0; packet < packets; ++packet) {
                ByteWriter header(kHeader);
                header.u8(0x80);
                header.u8(96);
                header.u16(index + packet);
                header.u32(index);
                header.u32(ssrc);
                size += viewer.sender.protect(header.view(), ByteView(content).first(payload), index + packet,
                                              room.subspan(size));
            }
            batch.add(viewer.address, size, static_cast<std::uint16_t>(size / packets));
        }
        batch.flush();
        index += packets;
    }
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

void send_live(std::vector<Viewer>& viewers, double seconds) {
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
    Batch batch(descriptor);
    Stream video{1, kVideoPackets, kVideoPayload, 0};
    Stream audio{2, 1, kAudioPayload, 0};
    const double cpu = cpu_seconds();
    const auto begin = Clock::now();
    std::uint64_t frames = 0;
    std::uint64_t sounds = 0;
    for (;;) {
        const double at = std::chrono::duration<double>(Clock::now() - begin).count();
        if (at >= seconds) break;
        if (at * 30 >= static_cast<double>(frames)) {
            video.send(viewers, batch);
            ++frames;
        } else if (at * 50 >= static_cast<double>(sounds)) {
            audio.send(viewers, batch);
            ++sounds;
        } else {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    const double spent = cpu_seconds() - cpu;
    const auto packets = static_cast<double>((frames * kVideoPackets + sounds) * viewers.size());
    std::printf(
        "{\"viewers\": %zu, \"cores\": %.3f, \"ns_per_packet\": %.0f, \"frames_per_second\": %.1f, \"cipher\": "
        "\"%s\"}\n",
        viewers.size(), spent / seconds, spent * 1e9 / packets, static_cast<double>(frames) / seconds,
        std::string(webrtc::SrtpBackend::best().name()).c_str());
}

}  // namespace

int main(int argc, char** argv) {
    const int count = argc == 3 ? std::atoi(argv[1]) : 0;
    const double seconds = argc == 3 ? std::atof(argv[2]) : 0;
    if (count <= 0 || seconds <= 0) {
        std::fprintf(stderr, "Usage: fanout-limit VIEWERS SECONDS\n");
        return 2;
    }
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    std::vector<sockaddr_in> addresses;
    const std::vector<int> receivers = open_receivers(static_cast<std::size_t>(count), addresses);
    const pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) drain(receivers);
    for (int descriptor : receivers) close(descriptor);
    auto viewers = make_viewers(addresses);
    send_live(viewers, seconds);
    kill(child, SIGKILL);
    return 0;
}
