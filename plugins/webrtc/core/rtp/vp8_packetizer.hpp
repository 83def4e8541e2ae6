// SPDX-License-Identifier: LGPL-2.1-or-later
// VP8 over RTP (RFC 7741), without layers.
#pragma once

#include "webrtc/core/rtp/packetizer.hpp"
#include "webrtc/core/rtp/picture_id.hpp"

namespace millrace::webrtc {

class Vp8Packetizer final : public Packetizer {
  public:
    explicit Vp8Packetizer(const PacketSize& size) : max_(size.max_payload()) {}
    Result<Payloads> packetize(ByteView frame) override;

  private:
    std::size_t max_;
    PictureId picture_;
};

}  // namespace millrace::webrtc
