// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes sessions of the transport for who was agreed with, and answers what is asked of them later: trickled
// candidates, ICE restarts and their end (RFC 9725 4.3). The same for viewers and publishers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "webrtc/core/sdp/ice_fragment.hpp"
#include "webrtc/core/signalling/request.hpp"
#include "webrtc/element/signalling/roster.hpp"
#include "webrtc/element/transport/endpoint.hpp"

namespace millrace::webrtc {

// What an offer came to.
struct NewSession {
    std::string id;        // of new_session_id()
    std::string location;  // of session_location()
    Fingerprint peer;
    std::string peer_ufrag;
    FragmentSection transport;
    // The answer's text, once our side of the connection is known.
    std::function<std::string(const LocalTransport& local)> answer;
    std::shared_ptr<SessionEvents> events;
};

// Any thread.
class Sessions {
  public:
    struct Terms {
        std::vector<std::string> advertise;  // as Endpoint::candidates() has it
        std::vector<IceServer> ice_servers;
    };

    // Of an operator's lists, as the properties have them. bad_input names the one that makes no sense.
    static Result<Terms> terms_of(const Endpoint& endpoint, const std::string& advertise,
                                  const std::string& ice_servers);

    Sessions(Terms terms, std::shared_ptr<Endpoint> endpoint, std::shared_ptr<Roster> roster)
        : terms_(std::move(terms)), endpoint_(std::move(endpoint)), roster_(std::move(roster)) {}

    // 201, and from then on the peer is waited for: its events come. 503 when all places are taken; 500 when something
    // is not to be had. Then, too, the events may still hear gone().
    SignallingReply admit(NewSession session);
    SignallingReply patch(const Patch& patch);
    // gone() follows.
    SignallingReply leave(const Leave& leave);
    [[nodiscard]] SignallingReply options() const { return endpoint_options(terms_.ice_servers); }

  private:
    [[nodiscard]] Result<LocalTransport> transport(const IceCredentials& local) const;
    SignallingReply restart(Roster::Entry& entry, const IceFragment& fragment);

    const Terms terms_;
    const std::shared_ptr<Endpoint> endpoint_;
    const std::shared_ptr<Roster> roster_;
};

}  // namespace millrace::webrtc
