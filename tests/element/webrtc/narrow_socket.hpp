// SPDX-License-Identifier: LGPL-2.1-or-later
// A UDP socket that takes as many messages as it is told to and then is full, and keeps what it took.
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "common/net/udp_port.hpp"

namespace millrace::webrtc::test {

class NarrowSocket : public net::UdpSocket {
  public:
    struct Datagram {
        net::SocketAddress to;
        Bytes bytes;
        bool operator==(const Datagram&) const = default;
    };

    explicit NarrowSocket(std::shared_ptr<net::Worker> worker = nullptr) : worker_(std::move(worker)) {}

    std::size_t send(std::span<const net::UdpMessage> messages) override {
        const std::size_t taken = std::min(messages.size(), room);
        for (const net::UdpMessage& message : messages.first(taken)) keep(message);
        if (room != kWide) room -= taken;
        return taken;
    }
    [[nodiscard]] const std::shared_ptr<net::Worker>& worker() const override { return worker_; }

    static constexpr std::size_t kWide = std::numeric_limits<std::size_t>::max();
    std::size_t room = kWide;  // for messages
    std::vector<Datagram> taken;

  private:
    // As the kernel cuts it.
    void keep(const net::UdpMessage& message) {
        const std::size_t segment = message.segment != 0 ? message.segment : message.bytes.size();
        for (ByteView rest = message.bytes; !rest.empty(); rest = rest.subspan(std::min(segment, rest.size()))) {
            const ByteView piece = rest.first(std::min(segment, rest.size()));
            taken.push_back({message.to, Bytes(piece.begin(), piece.end())});
        }
    }

    std::shared_ptr<net::Worker> worker_;
};

}  // namespace millrace::webrtc::test
