// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace millrace::net {

namespace {

class Watched : public Readiness {
  public:
    Watched(Worker& worker, int descriptor, std::function<void(Stream::Ready)> ready)
        : watch_(worker, descriptor, std::move(ready)) {}
    void want(bool read, bool write) override { watch_.want(read, write); }

  private:
    Worker::Watch watch_;
};

class BareStream : public Stream {
  public:
    explicit BareStream(Descriptor socket) : socket_(std::move(socket)) {}

    std::unique_ptr<Readiness> tell(Worker& worker, std::function<void(Ready)> ready) override {
        return std::make_unique<Watched>(worker, socket_.get(), std::move(ready));
    }

    Progress read(std::span<std::uint8_t> into) override {
        ssize_t count = ::recv(socket_.get(), into.data(), into.size(), 0);
        if (count > 0) return {Progress::State::moved, static_cast<std::size_t>(count), {}};
        if (count == 0) return {Progress::State::ended, 0, {}};
        return stopped();
    }

    Progress write(std::span<const iovec> from) override {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(from.data());
        message.msg_iovlen = from.size();
        ssize_t count = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
        if (count >= 0) return {Progress::State::moved, static_cast<std::size_t>(count), {}};
        return stopped();
    }

    void end_writing() override { ::shutdown(socket_.get(), SHUT_WR); }

    [[nodiscard]] bool short_read_is_all() const override { return true; }

  private:
    static Progress stopped() {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Progress::State::blocked, 0, {}};
        return {Progress::State::broken, 0, std::strerror(errno)};
    }

    Descriptor socket_;
};

}  // namespace

std::unique_ptr<Stream> bare_stream(Descriptor socket) {
    return std::make_unique<BareStream>(std::move(socket));
}

}  // namespace millrace::net
