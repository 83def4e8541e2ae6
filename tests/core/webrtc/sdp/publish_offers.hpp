// SPDX-License-Identifier: LGPL-2.1-or-later
// What publishers offer to a WHIP endpoint. Of Chromium 156, webrtcbin 1.22 and aiortc 1.16 as they made them, without
// their candidates; of OBS 30 and ffmpeg in the lines that they write.
#pragma once

#include <string>

#include "tests/core/webrtc/sdp/offers.hpp"

namespace millrace::webrtc::test {

// A canvas and sound.
std::string chromium_publish_offer();
// The same with three layers, q, h and f, of which h is paused.
std::string chromium_simulcast_offer();
// H.264 and Opus, video first; the sound's port is 0 for the bundle's sake.
std::string webrtcbin_publish_offer();
std::string aiortc_publish_offer();
std::string obs_publish_offer();
std::string ffmpeg_publish_offer();

}  // namespace millrace::webrtc::test
