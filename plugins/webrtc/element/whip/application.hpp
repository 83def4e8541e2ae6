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

    // Any thread. What ends the session that came of it; called once at most, when the source is gone.
    void on_dismissal(std::function<void()> end);
    // The session is over: another publisher may have the path.
    void withdraw();

  private:
    Application(gst::PublisherInfo info, net::HttpExchange exchange, std::weak_ptr<gst::PublisherDirectory> directory);
    void answer(SignallingReply reply);
    void give_up();

    const gst::PublisherInfo info_;
    const std::weak_ptr<gst::PublisherDirectory> directory_;
    net::Worker& worker_;  // the exchange's; lives as long as the process serves anything
    struct Ending {
        std::function<void()> end;
        bool dismissed = false;
    };
    Guarded<Ending> ending_;

    // The worker's, while it is not answered.
    std::optional<net::HttpExchange> exchange_;
    std::unique_ptr<net::Worker::Timer> patience_;
};

}  // namespace millrace::webrtc
