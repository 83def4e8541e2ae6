// SPDX-License-Identifier: LGPL-2.1-or-later
// Chooses EXT-X-PART-INF:PART-TARGET so that whole frames of every track fill a part well (PART-4 to PART-7).
#pragma once

#include <cstdint>
#include <span>

#include "common/base/time.hpp"
#include "hls/core/frame_grid.hpp"

namespace millrace::hls {

// In 1/100000 s, as printed. The same for all renditions of a presentation (MV-8).
std::uint32_t fit_part_target(Duration asked, std::span<const Cadence> tracks);

// The rules of one part in ticks: no longer than the target, no shorter than 85 % of it (PART-2, PART-3).
struct PartLimits {
    std::int64_t longest = 0;
    std::int64_t shortest = 0;

    static PartLimits of(std::uint32_t part_target, std::uint32_t timescale);
};

}  // namespace millrace::hls
