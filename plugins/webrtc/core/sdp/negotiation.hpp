// SPDX-License-Identifier: LGPL-2.1-or-later
// From a viewer's offer to our answer (RFC 3264, RFC 9429 5.3; draft-ietf-wish-whep): one audio and one video section
// are served at most, of what the stream has and the viewer can receive; all others are rejected.
#pragma once

#include "common/base/result.hpp"
#include "webrtc/core/sdp/answer.hpp"
#include "webrtc/core/sdp/extension_choice.hpp"
#include "webrtc/core/sdp/offer.hpp"
#include "webrtc/core/sdp/stream_format.hpp"

namespace millrace::webrtc {

struct Wishes {
    ExtensionWishes extensions;
};

// Fails with bad_input when the offer is no WebRTC offer, and with refused when there is nothing in it that we could
// send: then it says what is offered and what the stream is. A stream of audio and video is served when only one of
// them can be.
Result<Answer> negotiate(const Offer& offer, const Streams& streams, const SourceNames& names, const Wishes& wishes);

}  // namespace millrace::webrtc
