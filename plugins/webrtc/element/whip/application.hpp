// SPDX-License-Identifier: LGPL-2.1-or-later
// One POST to a WHIP endpoint: an offer that waits for a source of its path, and the place of the publisher from then
// on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/thread.hpp"
#include "common/gst/publisher_directory.hpp"
#include "common/net/http.hpp"
#include "webrtc/core/signalling/reply.hpp"

namespace millrace::webrtc {

class Application : public gst::Applicant, public std::enable_shared_from_this<Application> {
  public:
    static std::shared_ptr<Application> make(std::string path, std::string token, net::HttpExchange exchange,
                                             std::weak_ptr<gst::PublisherDirectory> directory);
    ~Application() override;

    [[nodiscard]] const gst::PublisherInfo& info() const override { return info_; }
    void run(std::function<void()> task) override;
    void wait(TimePoint until) override;
    void take(std::shared_ptr<gst::PublisherSource> source) override;
    void refuse(gst::Refusal refusal, const std::string& why) override;
    void dismiss() override;
    [[nodiscard]] bool is_silent() const override;

    // The session that came of it. `end` is called once at most, when its source is gone or another has its place.
    struct Session {
        std::function<void()> end;
        std::function<bool()> is_silent;
    };
    // Any thread.
    void accepted(Session session);
    // The session is over: another publisher may have the path.
    void withdraw();

  private:
    Application(gst::PublisherInfo info, net::HttpExchange exchange, std::weak_ptr<gst::PublisherDirectory> directory);
    void answer(SignallingReply reply);
    void give_up();

    const gst::PublisherInfo info_;
    const std::weak_ptr<gst::PublisherDirectory> directory_;
    net::Worker& worker_;  // the exchange's; lives as long as the process serves anything
    struct Fate {
        Session session;  // while there is one
        bool dismissed = false;
    };
    mutable Guarded<Fate> fate_;

    // The worker's, while it is not answered.
    std::optional<net::HttpExchange> exchange_;
    std::unique_ptr<net::Worker::Timer> patience_;
};

}  // namespace millrace::webrtc
