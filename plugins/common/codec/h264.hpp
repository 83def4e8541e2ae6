// SPDX-License-Identifier: LGPL-2.1-or-later
// H.264's decoder configuration: avcC (ISO/IEC 14496-15 5.3.3.1) and the sequence parameter set (ITU-T H.264 7.3.2.1).
#pragma once

#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/codec/description.hpp"

namespace millrace::codec {

enum class H264Nal : std::uint8_t { slice = 1, idr = 5, sei = 6, sps = 7, pps = 8, aud = 9, filler = 12, sps_ext = 13 };

inline H264Nal h264_nal_type(std::uint8_t first_byte) {
    return static_cast<H264Nal>(first_byte & 0x1f);
}

// The parameter sets point into the bytes that were parsed.
struct AvcConfig {
    std::uint8_t profile = 0;
    std::uint8_t constraints = 0;
    std::uint8_t level = 0;
    unsigned nal_length_size = 4;
    std::vector<ByteView> sps;
    std::vector<ByteView> pps;
};

Result<AvcConfig> parse_avcc(ByteView avcc);

// One sequence parameter set with its NAL header.
Result<Description> parse_h264_sps(ByteView nal);

Result<Description> describe_h264(ByteView avcc);
Result<std::string> codecs_string_h264(ByteView avcc);

}  // namespace millrace::codec
