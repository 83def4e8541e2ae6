// SPDX-License-Identifier: LGPL-2.1-or-later
// H.264 over RTP, packetization-mode 1 (RFC 6184): single NAL units, STAP-A and FU-A.
#pragma once

#include "webrtc/core/rtp/packetizer.hpp"

namespace millrace::webrtc {

// bad_input where the avcC cannot be used.
Result<std::unique_ptr<Packetizer>> make_h264_packetizer(const codec::TrackFormat& format, const PacketSize& size);

}  // namespace millrace::webrtc
