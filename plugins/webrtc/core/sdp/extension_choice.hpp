// SPDX-License-Identifier: LGPL-2.1-or-later
// Which RTP header extensions a viewer understands, of those that we write (RFC 8285).
#pragma once

#include <string>
#include <vector>

#include "webrtc/core/rtp/extension_ids.hpp"
#include "webrtc/core/sdp/offer.hpp"

namespace millrace::webrtc {

inline constexpr const char* kMidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";  // RFC 9143 14.1
inline constexpr const char* kAbsSendTimeUri = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
inline constexpr const char* kTransportCcUri =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
inline constexpr const char* kPlayoutDelayUri = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

// What is to be agreed to where it is offered.
struct ExtensionWishes {
    bool mid = true;
    bool abs_send_time = true;  // the viewer estimates its bandwidth with it, and says so by REMB
    bool transport_cc = false;  // 16 feedback packets a second and viewer: only for who adapts to them
    bool playout_delay = true;
};

ExtensionIds choose_extensions(const std::vector<HeaderExtension>& offered, const ExtensionWishes& wishes);

}  // namespace millrace::webrtc
