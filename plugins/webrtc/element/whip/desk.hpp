// SPDX-License-Identifier: LGPL-2.1-or-later
// Who may publish a path, and what is agreed with them: WHIP's requests on one side, sessions of the transport on the
// other. Any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/base/thread.hpp"
#include "common/net/gate.hpp"
#include "webrtc/core/sdp/reception.hpp"
#include "webrtc/element/signalling/sessions.hpp"
#include "webrtc/element/whip/listener.hpp"
#include "webrtc/element/whip/publisher_session.hpp"
#include "webrtc/element/whip/whip_settings.hpp"

namespace millrace::webrtc {

class Desk : public Taker, public PublisherSession::Owner, public std::enable_shared_from_this<Desk> {
  public:
    // Not called any more once close() returns.
    struct Callbacks {
        std::function<bool(const gst::PublisherInfo&)> authorize;
        std::function<void(const gst::PublisherInfo&, const std::shared_ptr<PublisherSession>&)> connected;
        std::function<void(const std::shared_ptr<PublisherSession>&, const std::string& why)> gone;  // "": orderly
    };

    // Fails when the UDP address is not to be had, or a setting makes no sense.
    static Result<std::shared_ptr<Desk>> open(const WhipSettings& settings, Callbacks callbacks);

    // Ends all sessions. Not from a callback.
    void close();
    // Ends one; whoever publishes next may have the path.
    void end(const std::string& id);

    // ---- for the listener
    bool authorize(const gst::PublisherInfo& publisher) override;
    SignallingReply publish(const Join& join, const std::shared_ptr<Application>& application) override;
    SignallingReply patch(const Patch& patch) override { return sessions_->patch(patch); }
    SignallingReply leave(const Leave& leave) override;
    SignallingReply options() override { return sessions_->options(); }

    // ---- for sessions
    void connected(const std::shared_ptr<PublisherSession>& session) override;
    void said_goodbye(const std::shared_ptr<PublisherSession>& session) override;
    void gone(const std::shared_ptr<PublisherSession>& session, const Error& why) override;

  private:
    Desk(const WhipSettings& settings, ReceptionWishes wishes, Callbacks callbacks)
        : path_(settings.path), wishes_(std::move(wishes)), callbacks_(std::move(callbacks)) {}
    std::shared_ptr<Application> take_application(const std::string& id);

    const std::string path_;
    const ReceptionWishes wishes_;
    const Callbacks callbacks_;
    net::Gate gate_;  // of the callbacks
    std::shared_ptr<Roster> roster_;
    std::unique_ptr<Sessions> sessions_;
    Guarded<std::map<std::string, std::shared_ptr<Application>>> applications_;  // by session
};

}  // namespace millrace::webrtc
