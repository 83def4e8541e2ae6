// SPDX-License-Identifier: LGPL-2.1-or-later
// The MPEG audio frame header (ISO/IEC 11172-3 2.4.1.3 and 13818-3), layer III. MP3 has no other configuration.
#pragma once

#include <string>

#include "common/base/result.hpp"
#include "common/codec/description.hpp"

namespace millrace::codec {

struct Mp3Frame {
    std::uint32_t sample_rate = 0;
    std::uint32_t channels = 0;
    std::uint32_t samples = 0;  // 1152, or 576 at the lower sampling rates
    std::uint32_t bitrate = 0;  // bit/s, 0 = free format
    std::uint32_t size = 0;     // bytes with the header, 0 = free format
};

// From a frame's first four bytes.
Result<Mp3Frame> parse_mp3_frame(ByteView frame);

// Says nothing: there is no configuration to read, and one that is there is refused.
Result<Description> describe_mp3(ByteView config);
Result<std::string> codecs_string_mp3(ByteView config);

}  // namespace millrace::codec
