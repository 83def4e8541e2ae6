// SPDX-License-Identifier: LGPL-2.1-or-later
// One WHEP session, from its admission to its end: what the transport tells of the viewer, and its place among those
// that are sent the stream.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "webrtc/core/sdp/answer.hpp"
#include "webrtc/core/viewer/viewer.hpp"
#include "webrtc/element/transport/endpoint.hpp"
#include "webrtc/element/whep/fan_out.hpp"

namespace millrace::webrtc {

// Who watches, for signals and logs.
struct ViewerInfo {
    std::string id;  // of the session
    std::string path;
    std::string address;  // of the HTTP client
    std::string token;    // a bearer's, "" without one
};

class ViewerSession : public SessionEvents, public std::enable_shared_from_this<ViewerSession> {
  public:
    // Whose viewer it is. Called on the viewer's worker.
    class Owner {
      public:
        virtual ~Owner() = default;
        virtual std::shared_ptr<FanOut> fan_out_of(const net::Worker& worker) = 0;  // nullptr: the stream is over
        virtual void joined(const ViewerInfo& viewer) = 0;                          // it is sent media
        virtual void said_goodbye(const ViewerInfo& viewer) = 0;                    // to be ended
        virtual void left(const ViewerInfo& viewer, const Error& why) = 0;          // the last, if it ever joined
        virtual void failed(const ViewerInfo& viewer, const Error& why) = 0;        // the last, if it did not
    };

    // `pinned` is a rung that the viewer asked for.
    ViewerSession(ViewerInfo info, Answer answer, SourceNames names, const ViewerSettings& settings,
                  std::optional<RungId> pinned, std::weak_ptr<Owner> owner)
        : info_(std::move(info)),
          names_(std::move(names)),
          settings_(settings),
          pinned_(pinned),
          owner_(std::move(owner)),
          answer_(std::move(answer)) {}

    [[nodiscard]] const ViewerInfo& info() const { return info_; }

    void connected(std::shared_ptr<PeerPath> path, const SrtpKeys& keys) override;
    bool rtcp(ByteView datagram, TimePoint now) override;
    void gone(const Error& why) override;

  private:
    const ViewerInfo info_;
    const SourceNames names_;
    const ViewerSettings settings_;
    const std::optional<RungId> pinned_;
    const std::weak_ptr<Owner> owner_;

    // The worker's.
    Answer answer_;  // until it is connected: what is agreed takes more room than the viewer itself
    std::shared_ptr<FanOut> fan_out_;
    FanOut::Place* place_ = nullptr;
};

}  // namespace millrace::webrtc
