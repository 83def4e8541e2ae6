// SPDX-License-Identifier: LGPL-2.1-or-later
// What one elementary stream is: codec, decoder configuration and geometry. Pure data, the same for every protocol.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "common/base/bytes.hpp"

namespace millrace::codec {

enum class Kind { video, audio };
enum class Codec { h264, h265, av1, vp9, aac, opus, mp3 };

struct Rational {
    std::uint32_t numerator = 0;
    std::uint32_t denominator = 1;
    bool operator==(const Rational&) const = default;
    [[nodiscard]] bool known() const { return numerator > 0 && denominator > 0; }
};

struct TrackFormat {
    Codec codec = Codec::h264;
    // The decoder configuration as ISO BMFF carries it: avcC, hvcC or av1C body, AudioSpecificConfig, dOps body; empty
    // for MP3.
    Bytes config;

    std::uint32_t width = 0;   // pixels, video only
    std::uint32_t height = 0;  // pixels, video only
    Rational frame_rate;       // frames/s, video only; unknown when the stream does not say

    std::uint32_t sample_rate = 0;        // Hz, audio only
    std::uint32_t channels = 0;           // audio only
    std::uint32_t samples_per_frame = 0;  // audio only: 1024 for AAC-LC, 1152 for MP3, 960 for 20 ms of Opus

    bool operator==(const TrackFormat&) const = default;
};

[[nodiscard]] constexpr Kind kind_of(Codec codec) {
    return codec == Codec::aac || codec == Codec::opus || codec == Codec::mp3 ? Kind::audio : Kind::video;
}

}  // namespace millrace::codec
