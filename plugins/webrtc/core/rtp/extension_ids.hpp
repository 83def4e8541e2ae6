// SPDX-License-Identifier: LGPL-2.1-or-later
// The header extensions that we know, under the numbers that a viewer's offer gives them (RFC 8285 5).
#pragma once

#include <cstdint>

namespace millrace::webrtc {

// 1 to 14; 0 is not negotiated.
struct ExtensionIds {
    std::uint8_t mid = 0;            // RFC 9143 15.
    std::uint8_t abs_send_time = 0;  // webrtc.org/experiments/rtp-hdrext/abs-send-time
    std::uint8_t transport_cc = 0;   // draft-holmer-rmcat-transport-wide-cc-extensions-01, 2.
    std::uint8_t playout_delay = 0;  // webrtc.org/experiments/rtp-hdrext/playout-delay
    bool operator==(const ExtensionIds&) const = default;
};

}  // namespace millrace::webrtc
