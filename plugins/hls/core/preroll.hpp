// SPDX-License-Identifier: LGPL-2.1-or-later
// Before anything is published: watches the first frames and decides what the playlists will promise for ever, the
// target duration, the part target and who leads (GOP-2, MP-1, SC-1). A pure function of what is held.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "hls/core/frame_grid.hpp"
#include "hls/core/presentation.hpp"
#include "hls/core/snapshot.hpp"
#include "hls/core/track_input.hpp"

namespace millrace::hls {

// How much longer than the target duration a segment may be: EXTINF is rounded to the nearest second (MP-1).
inline constexpr Duration kRoundingRoom = 490ms;

struct Plan {
    std::size_t lead = 0;           // the track whose key frames begin segments
    std::vector<bool> joins;        // tracks that are there from the start
    std::vector<Cadence> cadences;  // by track
    Promises promises;
};

// Nothing as long as waiting promises a better plan. `at_once`: the stream has ended, or memory has.
std::optional<Plan> plan_presentation(const Settings& settings, std::span<const TrackInput> tracks, TimePoint now,
                                      bool at_once);

// How far a segment of one rendition may reach over its end in the lead: to the end of an audio frame, and as far as a
// short last part is stretched to be legal (PART-3).
Duration overhang(std::uint32_t part_target, Duration audio_frame);

// How much media a playlist lists: what was asked for, but six target durations at least (MP-14).
Duration playlist_window(const Settings& settings, const Promises& promises);

}  // namespace millrace::hls
