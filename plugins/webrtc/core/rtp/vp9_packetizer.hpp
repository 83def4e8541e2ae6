// SPDX-License-Identifier: LGPL-2.1-or-later
// VP9 over RTP (RFC 9628) in non-flexible mode, without layers.
#pragma once

#include "webrtc/core/rtp/packetizer.hpp"
#include "webrtc/core/rtp/picture_id.hpp"

namespace millrace::webrtc {

class Vp9Packetizer final : public Packetizer {
  public:
    // In pixels, for the scalability structure; not said where it is unknown (0).
    Vp9Packetizer(std::uint32_t width, std::uint32_t height, const PacketSize& size)
        : width_(width), height_(height), max_(size.max_payload()) {}
    Result<Payloads> packetize(ByteView frame) override;

  private:
    [[nodiscard]] Bytes scalability_structure() const;

    std::uint32_t width_;
    std::uint32_t height_;
    std::size_t max_;
    PictureId picture_;
};

}  // namespace millrace::webrtc
