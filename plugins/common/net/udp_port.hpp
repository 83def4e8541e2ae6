// SPDX-License-Identifier: LGPL-2.1-or-later
// One UDP address of the process with a socket on each I/O worker (SO_REUSEPORT): the kernel keeps a sender on one of
// them, so that whoever serves it needs no lock.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/net/socket_address.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

// Bytes for one destination. With a segment size they are cut into datagrams of that size, the last may be shorter: one
// system call and one way through the kernel for all (UDP_SEGMENT).
struct UdpMessage {
    SocketAddress to;
    ByteView bytes;
    std::uint16_t segment = 0;  // 0 = one datagram
};

struct UdpCounters {
    std::uint64_t received = 0;  // datagrams
    std::uint64_t received_bytes = 0;
    std::uint64_t sent = 0;  // datagrams
    std::uint64_t sent_bytes = 0;
    std::uint64_t segmentation_refused = 0;  // messages that were cut here instead
    std::uint64_t dropped = 0;               // messages that the kernel would not send, for their destination's sake
    std::uint64_t oversized = 0;             // datagrams received that nobody sends on the Internet
};

struct UdpOptions {
    unsigned workers = 0;  // sockets, each on an I/O worker of its own; 0 = as many as there are workers
    int receive_buffer = 4 << 20;
    // Not more: what the socket takes and the network card's queue does not is lost, where a full socket tells us.
    int send_buffer = 2 << 20;
    // How messages leave; another one in tests.
    std::function<int(int socket, mmsghdr* messages, unsigned count)> send;
};

// A worker's socket. Everything on that worker's thread, but for the counters.
class UdpSocket {
  public:
    virtual ~UdpSocket() = default;
    // Sends in order and returns how many messages went, or were dropped; when not all, writable() will be told. Does
    // not keep the bytes. One destination's trouble is not the others'.
    virtual std::size_t send(std::span<const UdpMessage> messages) = 0;
    [[nodiscard]] virtual const std::shared_ptr<Worker>& worker() const = 0;
};

// A user's part on one worker. Made, called and destroyed on its thread.
class UdpHandler {
  public:
    virtual ~UdpHandler() = default;
    // False: not for us; the port's next user may have it.
    virtual bool received(ByteView datagram, const SocketAddress& from) = 0;
    virtual void writable() {}  // after a send() that could not send all
};

class UdpPort {
  public:
    // The port at "[ADDRESS]:PORT", opened by who asks first (whose options count) and closed with its last user.
    // "[::]" and no address are IPv4 and IPv6. Fails when another process has it. Not on a worker's thread.
    static Result<std::shared_ptr<UdpPort>> at(const std::string& listen, const UdpOptions& options = {});
    virtual ~UdpPort() = default;

    // Takes the handlers away; when its destructor returns they are gone, but on a worker's thread, which must not wait
    // for another, it returns at once. Keeps the port.
    class Attachment {
      public:
        virtual ~Attachment() = default;
    };
    using MakeHandler = std::function<std::unique_ptr<UdpHandler>(UdpSocket&)>;
    // Makes a handler on each worker, in the order of workers(), and returns when all are there. Not on a worker.
    virtual std::unique_ptr<Attachment> attach(const MakeHandler& make) = 0;

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual const std::string& host() const = 0;  // "" = every address
    [[nodiscard]] virtual bool has_v6() const = 0;
    [[nodiscard]] virtual const std::vector<std::shared_ptr<Worker>>& workers() const = 0;  // that have a socket
    [[nodiscard]] virtual UdpCounters counters() const = 0;  // of all workers; any thread
};

}  // namespace millrace::net
