// SPDX-License-Identifier: LGPL-2.1-or-later
// A retransmission made the packet that it repeats (RFC 4588 4.).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "webrtc/core/rtp/rtp_packet.hpp"

namespace millrace::webrtc {

// In place: the original is the end of `datagram`, of which `packet` was read. Empty where nothing is repeated, which
// is padding that looks for room on the way.
std::optional<std::span<std::uint8_t>> unwrap_retransmission(std::span<std::uint8_t> datagram, const RtpPacket& packet,
                                                             std::uint32_t ssrc, std::uint8_t payload_type);

}  // namespace millrace::webrtc
