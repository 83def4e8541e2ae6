// SPDX-License-Identifier: LGPL-2.1-or-later
// From what is asked for and what the input is to what is made: size, frame rate, and what each rung is scaled from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/codec/track_format.hpp"
#include "ladder/core/rendition_list.hpp"

namespace millrace::ladder {

// The input's pictures as they are coded.
struct Picture {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    codec::Rational pixel_aspect{1, 1};
    codec::Rational frame_rate;  // unknown where it varies or nobody says

    bool operator==(const Picture&) const = default;
};

struct Rung {
    std::string name;
    std::uint32_t width = 0;       // of square pixels, even
    std::uint32_t height = 0;      // even
    std::uint32_t frame_rate = 0;  // frames/s at the most; 0 = all that come
    std::uint64_t bitrate = 0;
    codec::Codec codec = codec::Codec::h264;
    // The rung that it is scaled down from, by its index; nothing: the input's pictures.
    std::optional<std::size_t> from;

    bool operator==(const Rung&) const = default;
};

struct Plan {
    bool copy = false;
    std::size_t copy_at = 0;         // its place among the renditions
    std::vector<Rung> rungs;         // in the order asked for
    std::vector<std::string> notes;  // what is left out or other than asked for, and why, for people
};

// `copyable`: whether the input is something that an output can carry as it is.
Plan plan_rungs(const std::vector<RenditionRequest>& requests, const Picture& input, bool copyable);

// The rung for those who cannot be shown any other: as large as the input, at a bitrate that fits its size.
Rung rung_like(const Picture& input, std::string name);

}  // namespace millrace::ladder
