// SPDX-License-Identifier: LGPL-2.1-or-later
// The video usability information that H.264 (annex E) and H.265 (annex E) write alike: pixel shape, colour, timing.
#pragma once

#include "common/codec/bit_reader.hpp"
#include "common/codec/description.hpp"

namespace millrace::codec {

// From aspect_ratio_info_present_flag up to and including the chroma location.
void read_vui_picture_facts(BitReader& reader, Description& out);

// A rate as a fraction in lowest terms; unknown unless it is one that a camera could have (1 to 300 frames/s): streams
// of variable rate put their clock's resolution where the rate belongs.
Rational plausible_frame_rate(std::uint64_t numerator, std::uint64_t denominator);

}  // namespace millrace::codec
