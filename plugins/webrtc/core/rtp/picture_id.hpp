// SPDX-License-Identifier: LGPL-2.1-or-later
// The picture id of VP8 (RFC 7741 4.2) and VP9 (RFC 9628 4.2) in its form of 15 bits: one more with every picture.
#pragma once

#include <cstdint>

#include "webrtc/core/rtp/payload_writer.hpp"

namespace millrace::webrtc {

class PictureId {
  public:
    static constexpr std::size_t kSize = 2;

    void write(PayloadWriter& out) const { out.u16(kLong | value_); }
    void advance() { value_ = (value_ + 1) & kMask; }

  private:
    static constexpr std::uint16_t kLong = 0x8000;  // M: 15 bits, not 7
    static constexpr std::uint16_t kMask = 0x7fff;
    std::uint16_t value_ = 0;
};

}  // namespace millrace::webrtc
