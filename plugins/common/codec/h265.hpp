// SPDX-License-Identifier: LGPL-2.1-or-later
// H.265's decoder configuration: hvcC (ISO/IEC 14496-15 8.3.3.1) and the sequence parameter set (ITU-T H.265 7.3.2.2).
#pragma once

#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/codec/description.hpp"

namespace millrace::codec {

enum class H265Nal : std::uint8_t {
    idr_w_radl = 19,
    idr_n_lp = 20,
    cra = 21,
    vps = 32,
    sps = 33,
    pps = 34,
    aud = 35,
    filler = 38
};

inline H265Nal h265_nal_type(std::uint8_t first_byte) {
    return static_cast<H265Nal>(first_byte >> 1 & 0x3f);
}

// The parameter sets point into the bytes that were parsed.
struct HevcConfig {
    std::uint8_t profile_space = 0;
    bool high_tier = false;
    std::uint8_t profile = 0;
    std::uint32_t compatibility = 0;  // general_profile_compatibility_flags, flag 0 in the highest bit
    std::uint64_t constraints = 0;    // general_constraint_indicator_flags, 48 bits
    std::uint8_t level = 0;           // 30 times the level's number
    unsigned nal_length_size = 4;
    std::vector<ByteView> vps, sps, pps;
};

Result<HevcConfig> parse_hvcc(ByteView hvcc);

// One sequence parameter set with its NAL header.
Result<Description> parse_h265_sps(ByteView nal);

Result<Description> describe_h265(ByteView hvcc);
Result<std::string> codecs_string_h265(ByteView hvcc);

}  // namespace millrace::codec
