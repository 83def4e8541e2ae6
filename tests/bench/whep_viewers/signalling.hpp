// SPDX-License-Identifier: LGPL-2.1-or-later
// How a viewer comes to a stream and leaves it: descriptions are exchanged, then `joined` is told.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/result.hpp"
#include "tests/bench/whep_viewers/http_request.hpp"
#include "tests/support/webrtc/whep_viewer.hpp"

namespace millrace::bench {

class Signalling {
  public:
    using Joined = std::function<void(const Result<>&)>;

    virtual ~Signalling() = default;
    // `joined` is called once, when the viewer may start().
    virtual void join(webrtc::test::WhepViewer& viewer, Joined joined) = 0;
    // `left` is called once, whether the server liked it or not.
    virtual void leave(std::function<void()> left) = 0;
};

// draft-ietf-wish-whep-02: POST of an offer, DELETE of the session.
std::unique_ptr<Signalling> make_whep(Poll& poll, const Url& endpoint);
// Janus's HTTP API: a session, a handle of the streaming plugin, its offer, our answer.
std::unique_ptr<Signalling> make_janus(Poll& poll, const Url& api, int mountpoint);

}  // namespace millrace::bench
