// SPDX-License-Identifier: LGPL-2.1-or-later
// Opus over RTP (RFC 7587): a packet is a payload.
#pragma once

#include "webrtc/core/rtp/packetizer.hpp"

namespace millrace::webrtc {

class OpusPacketizer final : public Packetizer {
  public:
    explicit OpusPacketizer(const PacketSize& size) : max_(size.max_payload()) {}
    // bad_input where the packet is longer than a datagram may be: 4.2 forbids to divide it.
    Result<Payloads> packetize(ByteView packet) override;

  private:
    std::size_t max_;
};

}  // namespace millrace::webrtc
