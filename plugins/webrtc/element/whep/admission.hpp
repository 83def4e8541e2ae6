// SPDX-License-Identifier: LGPL-2.1-or-later
// Who may watch, and what is agreed with them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/thread.hpp"
#include "webrtc/core/sdp/negotiation.hpp"
#include "webrtc/core/signalling/request.hpp"
#include "webrtc/element/signalling/roster.hpp"
#include "webrtc/element/signalling/sessions.hpp"
#include "webrtc/element/transport/endpoint.hpp"
#include "webrtc/element/whep/stream_tracks.hpp"
#include "webrtc/element/whep/viewer_session.hpp"

namespace millrace::webrtc {

class Admission {
  public:
    struct Terms {
        std::string path;  // the stream's
        std::vector<std::string> advertise;
        std::vector<IceServer> ice_servers;
        ViewerSettings viewers;
        SourceNames names;                                 // all but the session's id
        std::function<bool(const ViewerInfo&)> authorize;  // on the worker of the request
    };

    Admission(Terms terms, std::shared_ptr<Endpoint> endpoint, std::shared_ptr<Roster> roster,
              std::weak_ptr<ViewerSession::Owner> owner)
        : terms_(std::move(terms)),
          roster_(roster),
          owner_(std::move(owner)),
          sessions_({terms_.advertise, terms_.ice_servers}, std::move(endpoint), std::move(roster)) {}

    // What is known of the stream; `change` is done under its lock.
    template <class F>
    auto with_tracks(F&& change) {
        return tracks_.with(std::forward<F>(change));
    }
    // An answer without a track is never mended.
    [[nodiscard]] bool is_starting(TimePoint now) const { return tracks_.copy().is_starting(now); }

    // Any thread.
    SignallingReply join(const Join& join, const std::string& client);
    SignallingReply patch(const Patch& patch) { return sessions_.patch(patch); }
    SignallingReply leave(const Leave& leave) { return sessions_.leave(leave); }
    [[nodiscard]] SignallingReply options() const { return sessions_.options(); }

  private:
    [[nodiscard]] std::optional<SignallingReply> obstacle(const StreamTracks& tracks) const;
    SignallingReply admit(Answer answer, ViewerInfo viewer, std::optional<RungId> pinned);

    const Terms terms_;
    const std::shared_ptr<Roster> roster_;
    const std::weak_ptr<ViewerSession::Owner> owner_;
    Sessions sessions_;
    Guarded<StreamTracks> tracks_;
};

}  // namespace millrace::webrtc
