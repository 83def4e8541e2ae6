// SPDX-License-Identifier: LGPL-2.1-or-later
// NAL units as ISO BMFF carries them, length-prefixed, for H.264 and H.265 alike. Knows no NAL unit types.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.hpp"

namespace millrace::codec {

// Walks the NAL units of one access unit. A length that leads outside ends the walk and sets failed().
class NalReader {
  public:
    NalReader(ByteView access_unit, unsigned length_size) : reader_(access_unit), length_size_(length_size) {}

    // The next unit without its prefix, never empty (prefixes of zero are stepped over); nothing at the end.
    std::optional<ByteView> next();
    [[nodiscard]] bool failed() const { return reader_.failed(); }

  private:
    ByteReader reader_;
    unsigned length_size_;  // 1, 2 or 4
};

// The raw byte sequence payload: a NAL unit without its emulation prevention bytes (H.264 7.3.1, H.265 7.3.1.1).
Bytes unescape(ByteView nal);

}  // namespace millrace::codec
