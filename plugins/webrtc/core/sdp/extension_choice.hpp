// SPDX-License-Identifier: LGPL-2.1-or-later
// Which RTP header extensions both sides know (RFC 8285): of those that we write, what a viewer understands; of those
// that a publisher writes, what we read.
#pragma once

#include <string>
#include <vector>

#include "webrtc/core/publisher/reception_terms.hpp"
#include "webrtc/core/rtp/extension_ids.hpp"
#include "webrtc/core/sdp/offer.hpp"

namespace millrace::webrtc {

inline constexpr const char* kMidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";                   // RFC 9143 14.1
inline constexpr const char* kStreamNameUri = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";  // RFC 8852 4.1
inline constexpr const char* kRepairedStreamNameUri = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";  // 4.2
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

// Of a publisher's section. In a bundle a number means the same in every section (RFC 8285 6.), and the core reads all
// sections with one set: `all` are those of the sections before, and learns what this one adds. What contradicts it is
// not agreed to. Arrival times are reported by one scheme alone: by transport-cc where `transport_cc` says so, else
// abs-send-time is of use.
IncomingExtensions choose_incoming(const std::vector<HeaderExtension>& offered, bool transport_cc,
                                   IncomingExtensions& all);

}  // namespace millrace::webrtc
