// SPDX-License-Identifier: LGPL-2.1-or-later
// What a viewer says of itself: the offer of one that joins by WHEP, and the answer of one to whom a server offers.
#pragma once

#include <string>
#include <vector>

#include "tests/support/webrtc/remote_description.hpp"
#include "webrtc/core/sdp/stream_format.hpp"
#include "webrtc/core/secure/fingerprint.hpp"
#include "webrtc/core/secure/random.hpp"

namespace millrace::webrtc::test {

struct ViewerAbilities {
    std::vector<Codec> video = {Codec::h264, Codec::vp8, Codec::vp9, Codec::av1};  // in the order of preference
    bool audio = true;
    bool rtx = true;
    bool mid = true;
    bool abs_send_time = true;
    bool transport_cc = false;
};

struct ViewerIdentity {
    IceCredentials ice;
    Fingerprint fingerprint;
};

std::string offer_text(const ViewerAbilities& abilities, const ViewerIdentity& identity);
// Takes all that is offered, as the active side of DTLS.
std::string answer_text(const RemoteDescription& offer, const ViewerIdentity& identity);

}  // namespace millrace::webrtc::test
