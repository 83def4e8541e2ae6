// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes the multivariant playlist (RFC 8216bis 4.4.6). Knows renditions by what a player chooses them by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/codec/track_format.hpp"
#include "hls/core/bandwidth.hpp"

namespace millrace::hls {

struct Variant {
    std::string name;  // its folder
    codec::Kind kind = codec::Kind::video;
    std::string codecs;  // RFC 6381
    BitRate bit_rate;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    codec::Rational frame_rate;  // unknown = left out
    std::uint32_t channels = 0;
    std::string language;
};

// Videos are variants, the best one to start with first and the others from the highest down; audio is their group, in
// the order given; without video the first audio is the variant.
// `independent`: every segment can be decoded without another (MV-7).
std::string multivariant_playlist(const std::vector<Variant>& renditions, bool independent);

}  // namespace millrace::hls
