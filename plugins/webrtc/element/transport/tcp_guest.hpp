// SPDX-License-Identifier: LGPL-2.1-or-later
// One TCP connection to the WebRTC port: takes the datagrams out of it and gives them to a lane, as if they had come by
// UDP.
#pragma once

#include <functional>
#include <memory>

#include "common/net/tcp.hpp"
#include "webrtc/core/ice/tcp_framing.hpp"
#include "webrtc/element/transport/tcp_paths.hpp"

namespace millrace::webrtc {

class TcpGuest : public net::TcpSession {
  public:
    using Take = std::function<void(ByteView datagram, const TransportAddress& from)>;

    // `paths` has the connection from here to closed().
    TcpGuest(const std::shared_ptr<net::TcpConnection>& connection, TcpPaths& paths, Take take, TimePoint now);

    Result<> receive(ByteView bytes, TimePoint now) override;
    Result<> tick(TimePoint now) override;
    Bytes take_output() override { return path_->take_output(); }
    [[nodiscard]] TimePoint deadline() const override;
    [[nodiscard]] bool finished() const override { return false; }
    void closed(const std::optional<Error>&) override { paths_.remove(peer_); }

  private:
    TcpPaths& paths_;
    const Take take_;
    const TransportAddress peer_;
    const std::shared_ptr<TcpPath> path_;
    TcpDeframer deframer_;
    TimePoint heard_;
};

}  // namespace millrace::webrtc
