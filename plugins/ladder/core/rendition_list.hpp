// SPDX-License-Identifier: LGPL-2.1-or-later
// What the user asks for: "copy, 720p@2500k, 640x360@800k, 720p60@4M, 720p@1500k:h265". Knows no stream.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::ladder {

struct RenditionRequest {
    std::string name;  // "copy", "720p", "640x360", "720p60": unique in its list
    bool copy = false;
    std::uint32_t width = 0;       // pixels of the box that it fits into; 0 = as the height has it
    std::uint32_t height = 0;      // pixels; without a width, of the shorter side
    std::uint32_t frame_rate = 0;  // frames/s at the most; 0 = the input's
    std::uint64_t bitrate = 0;     // bit/s
    codec::Codec codec = codec::Codec::h264;

    bool operator==(const RenditionRequest&) const = default;
};

// In the order given, highest first. bad_input names the entry and what is wrong with it.
Result<std::vector<RenditionRequest>> parse_renditions(std::string_view text);

}  // namespace millrace::ladder
