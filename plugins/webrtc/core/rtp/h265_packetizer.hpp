// SPDX-License-Identifier: LGPL-2.1-or-later
// H.265 over RTP (RFC 7798) without decoding order numbers: single NAL units, aggregation packets and fragments.
#pragma once

#include "webrtc/core/rtp/packetizer.hpp"

namespace millrace::webrtc {

// bad_input where the hvcC cannot be used.
Result<std::unique_ptr<Packetizer>> make_h265_packetizer(const codec::TrackFormat& format, const PacketSize& size);

}  // namespace millrace::webrtc
