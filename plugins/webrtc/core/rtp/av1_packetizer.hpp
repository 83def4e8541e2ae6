// SPDX-License-Identifier: LGPL-2.1-or-later
// AV1 over RTP ("RTP Payload Format For AV1", Alliance for Open Media, version 1.0), without layers.
#pragma once

#include <vector>

#include "common/codec/access_unit.hpp"
#include "webrtc/core/rtp/packetizer.hpp"

namespace millrace::webrtc {

class Av1Packetizer final : public Packetizer {
  public:
    explicit Av1Packetizer(const PacketSize& size);
    Result<Payloads> packetize(ByteView temporal_unit) override;

  private:
    codec::AccessUnitFilter filter_;
    std::size_t max_;
};

}  // namespace millrace::webrtc
