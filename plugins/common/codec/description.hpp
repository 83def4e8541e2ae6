// SPDX-License-Identifier: LGPL-2.1-or-later
// What a decoder configuration says about its stream. Pure data; a zero, or nothing, means that it does not say.
#pragma once

#include <cstdint>
#include <optional>

#include "common/codec/track_format.hpp"

namespace millrace::codec {

// Code points of ITU-T H.273, the same in H.264, H.265, AV1, VP9 and the colr box.
struct Colour {
    std::uint8_t primaries = 2;  // 2 = unspecified
    std::uint8_t transfer = 2;
    std::uint8_t matrix = 2;
    bool full_range = false;
    bool operator==(const Colour&) const = default;
};

struct Description {
    std::uint32_t width = 0;   // pixels shown, after cropping
    std::uint32_t height = 0;  // pixels shown, of a whole frame where the stream is interlaced
    Rational frame_rate;
    Rational pixel_aspect;  // width : height of one pixel
    std::optional<Colour> colour;
    std::uint8_t bit_depth = 0;  // of luma
    bool interlaced = false;
    // How many pictures may come before one that is shown earlier: 0 = they are shown in the order of decoding.
    std::optional<std::uint32_t> reordered;

    std::uint32_t sample_rate = 0;        // Hz, of the decoder's output
    std::uint32_t channels = 0;           // of the decoder's output
    std::uint32_t samples_per_frame = 0;  // at sample_rate
};

}  // namespace millrace::codec
