// SPDX-License-Identifier: LGPL-2.1-or-later
// Who may watch, and what is agreed with them: WHEP's requests on one side, sessions of the transport on the other.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/thread.hpp"
#include "common/codec/track_format.hpp"
#include "webrtc/core/sdp/negotiation.hpp"
#include "webrtc/core/signalling/request.hpp"
#include "webrtc/element/transport/endpoint.hpp"
#include "webrtc/element/whep/roster.hpp"
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
          endpoint_(std::move(endpoint)),
          roster_(std::move(roster)),
          owner_(std::move(owner)) {}

    // There is to be such a track; what it is comes later, if at all.
    void expect(codec::Kind kind, TimePoint now);
    // What the stream is now.
    void set(codec::Kind kind, const StreamFormat& format, TimePoint now);
    // Why it has no such track to show; viewers are told.
    void refuse(codec::Kind kind, const Error& why);
    void clear(codec::Kind kind);
    [[nodiscard]] Streams streams() const;
    // Whether who joins now had better wait a moment: the stream is about to be known, or known better. An answer
    // without a track is never mended.
    [[nodiscard]] bool is_starting(TimePoint now) const;

    // Any thread.
    SignallingReply join(const Join& join, const std::string& client);
    SignallingReply patch(const Patch& patch);
    SignallingReply leave(const Leave& leave);
    SignallingReply options() const { return endpoint_options(terms_.ice_servers); }

  private:
    struct Track {
        std::optional<StreamFormat> format;
        std::optional<Error> refused;
        bool expected = false;

        [[nodiscard]] bool is_known() const { return !expected || format || refused; }
    };
    struct Stream {
        Track video;
        Track audio;
        TimePoint known_by;  // waiting longer for what is expected is no use

        Track& of(codec::Kind kind) { return kind == codec::Kind::video ? video : audio; }
        [[nodiscard]] bool has_begun() const { return video.format || audio.format; }
        [[nodiscard]] Streams formats() const { return {video.format, audio.format}; }
    };

    [[nodiscard]] std::optional<SignallingReply> obstacle(const Stream& stream) const;
    SignallingReply admit(Answer answer, ViewerInfo viewer);
    [[nodiscard]] Result<LocalTransport> transport(const IceCredentials& local) const;
    SignallingReply restart(Roster::Entry& entry, const IceFragment& fragment);

    const Terms terms_;
    const std::shared_ptr<Endpoint> endpoint_;
    const std::shared_ptr<Roster> roster_;
    const std::weak_ptr<ViewerSession::Owner> owner_;
    Guarded<Stream> stream_;
};

}  // namespace millrace::webrtc
