// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection: drives the core's Session, asks the directory who takes the path, and feeds the queue of the source
// that did. Everything on the connection's worker.
#pragma once

#include <memory>
#include <optional>

#include "common/gst/publisher_directory.hpp"
#include "common/net/tcp.hpp"
#include "rtmp/core/session.hpp"
#include "rtmp/element/media_queue.hpp"

namespace millrace::rtmp {

class Publisher : public net::TcpSession {
  public:
    Publisher(gst::PublisherDirectory& directory, std::shared_ptr<net::TcpConnection> connection);

    // ---- what a TcpSession does
    Result<> receive(ByteView bytes, TimePoint now) override;
    Result<> tick(TimePoint now) override;
    Bytes take_output() override { return session_.take_output(); }
    [[nodiscard]] TimePoint deadline() const override;
    [[nodiscard]] bool finished() const override { return session_.finished(); }
    void closed(const std::optional<Error>& why) override;

  private:
    class Application;  // one request to publish, as the directory knows it

    void drain_events();
    void apply(const PublishRequested& request);
    void leave(const std::string& reason);
    void feed(Item item);

    // ---- what became of the application
    void attach(std::shared_ptr<MediaQueue> queue);
    void refuse(Refusal refusal, const std::string& description);
    void dismiss();  // the source is gone

    gst::PublisherDirectory& directory_;
    const std::shared_ptr<net::TcpConnection> connection_;
    Session session_;
    std::shared_ptr<Application> application_;  // from the request to the end of what it asked for
    TimePoint wait_until_ = kNever;             // how long a source may take to appear
    std::shared_ptr<MediaQueue> queue_;         // while a source takes what we publish
};

}  // namespace millrace::rtmp
