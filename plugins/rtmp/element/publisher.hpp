// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection: drives the core's Session, asks the listener who takes the path, and feeds the queue of the source
// that did. Everything on the connection's worker.
#pragma once

#include <memory>
#include <optional>

#include "common/net/tcp.hpp"
#include "rtmp/core/session.hpp"
#include "rtmp/element/media_queue.hpp"

namespace millrace::rtmp {

class Listener;

class Publisher : public net::TcpSession {
  public:
    Publisher(Listener& listener, std::shared_ptr<net::TcpConnection> connection);

    // ---- what a TcpSession does
    Result<> receive(ByteView bytes, TimePoint now) override;
    Result<> tick(TimePoint now) override;
    Bytes take_output() override { return session_.take_output(); }
    [[nodiscard]] TimePoint deadline() const override;
    [[nodiscard]] bool finished() const override { return session_.finished(); }
    void closed(const std::optional<Error>& why) override;

    // ---- what became of its request; on the worker, so the others post
    void attach(std::shared_ptr<MediaQueue> queue);
    void wait_for_source(TimePoint until) { wait_until_ = until; }
    void refuse(Refusal refusal, const std::string& description);
    void dismiss();  // the source is gone

    [[nodiscard]] const PublisherInfo& info() const { return info_; }
    [[nodiscard]] const std::shared_ptr<net::TcpConnection>& connection() const { return connection_; }

  private:
    void drain_events();
    void leave(const std::string& reason);
    void feed(Item item);

    Listener& listener_;
    const std::shared_ptr<net::TcpConnection> connection_;
    Session session_;
    PublisherInfo info_;
    bool offered_ = false;               // the listener knows us under info_'s path
    TimePoint wait_until_ = kNever;      // how long a source may take to appear
    std::shared_ptr<MediaQueue> queue_;  // while a source takes what we publish
};

}  // namespace millrace::rtmp
