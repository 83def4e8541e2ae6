// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bench/whep_viewers/seat.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace millrace::bench {

namespace {

constexpr int kReceiveBuffer = 1 << 20;  // a join's burst, while others are served
constexpr std::size_t kBatch = 32;
constexpr std::size_t kMostBytes = 2048;

// What recvmmsg() fills. One for all viewers: each batch is read before the next comes.
struct Batch {
    Batch() {
        for (std::size_t index = 0; index < kBatch; ++index) {
            vectors[index] = {bytes[index].data(), kMostBytes};
            messages[index].msg_hdr.msg_iov = &vectors[index];
            messages[index].msg_hdr.msg_iovlen = 1;
        }
    }
    std::array<std::array<std::uint8_t, kMostBytes>, kBatch> bytes;
    std::array<iovec, kBatch> vectors{};
    std::array<mmsghdr, kBatch> messages{};
};

}  // namespace

void Seat::join(std::unique_ptr<webrtc::test::WhepViewer> viewer, Duration patience) {
    viewer_ = std::move(viewer);
    signalling_ = make_signalling_();
    state_ = State::joining;
    times_ = {now(), kNever};
    give_up_ = times_.asked + patience;
    signalling_->join(*viewer_, [this](const Result<>& joined) {
        if (state_ != State::joining) return;
        if (!joined) return fail_with(joined.error().what);
        times_.answered = now();
        connect(times_.answered);
    });
}

void Seat::connect(TimePoint time) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(viewer_->server().port);
    if (inet_pton(AF_INET, viewer_->server().address.c_str(), &to.sin_addr) != 1)
        return fail_with(viewer_->server().address + ": no IPv4 address");
    socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return fail_with("no socket: raise the limit of open files (ulimit -n)");
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return fail_with("no way to the server");
    poll_.add(socket_, EPOLLIN, *this);
    viewer_->start(time);
    settle();
}

void Seat::ready(std::uint32_t) {
    static Batch batch;
    for (;;) {
        const int count = recvmmsg(socket_, batch.messages.data(), kBatch, MSG_DONTWAIT, nullptr);
        if (count <= 0) break;
        const TimePoint time = now();
        for (std::size_t index = 0; index < static_cast<std::size_t>(count); ++index)
            viewer_->receive(std::span(batch.bytes[index]).first(batch.messages[index].msg_len), time);
        if (static_cast<std::size_t>(count) < kBatch) break;
    }
    settle();
}

void Seat::tick(TimePoint time) {
    if (state_ != State::joining && state_ != State::watching) return;
    if (socket_ >= 0 && time >= viewer_->deadline()) {
        viewer_->on_timer(time);
        settle();
    }
    if (state_ == State::joining && time >= give_up_)
        fail_with(times_.answered == kNever ? "no answer to the request in time" : "not connected in time");
}

// What a call of the viewer has led to.
void Seat::settle() {
    using Viewer = webrtc::test::WhepViewer;
    for (const Bytes& datagram : viewer_->take_output()) send(socket_, datagram.data(), datagram.size(), MSG_DONTWAIT);
    if (viewer_->state() == Viewer::State::failed) return fail_with(viewer_->failure());
    if (viewer_->state() == Viewer::State::playing && state_ == State::joining) state_ = State::watching;
}

void Seat::leave() {
    if (!signalling_ || state_ == State::leaving || state_ == State::empty) return;
    state_ = State::leaving;
    close_socket();
    signalling_->leave([this] { state_ = State::empty; });
}

void Seat::fail_with(const std::string& why) {
    failure_ = why;
    state_ = State::failed;
    close_socket();
}

void Seat::close_socket() {
    if (socket_ < 0) return;
    poll_.remove(socket_, *this);
    close(std::exchange(socket_, -1));
}

}  // namespace millrace::bench
