// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/vui.hpp"

#include <array>
#include <numeric>

namespace millrace::codec {

namespace {

// Table E-1: sample aspect ratios by aspect_ratio_idc.
constexpr std::array<Rational, 17> kAspectRatios{{{0, 1},
                                                  {1, 1},
                                                  {12, 11},
                                                  {10, 11},
                                                  {16, 11},
                                                  {40, 33},
                                                  {24, 11},
                                                  {20, 11},
                                                  {32, 11},
                                                  {80, 33},
                                                  {18, 11},
                                                  {15, 11},
                                                  {64, 33},
                                                  {160, 99},
                                                  {4, 3},
                                                  {3, 2},
                                                  {2, 1}}};
constexpr std::uint32_t kExtendedSar = 255;

}  // namespace

void read_vui_picture_facts(BitReader& reader, Description& out) {
    if (reader.flag()) {  // aspect_ratio_info_present_flag
        std::uint32_t index = reader.bits(8);
        if (index < kAspectRatios.size()) out.pixel_aspect = kAspectRatios[index];
        if (index == kExtendedSar) {
            std::uint32_t width = reader.bits(16);
            out.pixel_aspect = {width, reader.bits(16)};
        }
    }
    if (reader.flag()) reader.skip(1);  // overscan_info_present_flag, overscan_appropriate_flag
    if (reader.flag()) {                // video_signal_type_present_flag
        reader.skip(3);                 // video_format
        Colour colour;
        colour.full_range = reader.flag();
        if (reader.flag()) {  // colour_description_present_flag
            colour.primaries = static_cast<std::uint8_t>(reader.bits(8));
            colour.transfer = static_cast<std::uint8_t>(reader.bits(8));
            colour.matrix = static_cast<std::uint8_t>(reader.bits(8));
        }
        out.colour = colour;
    }
    if (reader.flag()) {  // chroma_loc_info_present_flag
        reader.ue();
        reader.ue();
    }
}

Rational plausible_frame_rate(std::uint64_t numerator, std::uint64_t denominator) {
    if (denominator == 0 || numerator < denominator || numerator / denominator > 300) return {};
    std::uint64_t divisor = std::gcd(numerator, denominator);
    numerator /= divisor;
    denominator /= divisor;
    if (numerator > UINT32_MAX || denominator > UINT32_MAX) return {};
    return {static_cast<std::uint32_t>(numerator), static_cast<std::uint32_t>(denominator)};
}

}  // namespace millrace::codec
