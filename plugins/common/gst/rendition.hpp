// SPDX-License-Identifier: LGPL-2.1-or-later
// What a track is among the renditions of its stream. It travels in the track's STREAM_START event, before anything
// else of the track, and through whatever is linked in between.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <string>

#include "common/gst/ref.hpp"

namespace millrace::gst {

struct Rendition {
    std::string name;           // in URLs, playlists and menus: "720p"
    std::uint64_t bitrate = 0;  // bit/s that its encoder keeps to; 0 = unknown
    std::string language;       // BCP 47; "" = undetermined
    bool segmented = true;      // for outputs that cut media into segments
    // For outputs that show a frame as it comes: every frame is shown in the order of decoding, and browsers decode the
    // codec, its profile or its sound so.
    bool realtime = true;
    bool steady = false;  // the last of its kind that an overloaded machine gives up: the others are measured by it

    bool operator==(const Rendition&) const = default;
};

// `stream_start` is writable.
void describe(GstEvent* stream_start, const Rendition& rendition);

// Nothing where nobody said.
std::optional<Rendition> rendition_of(GstEvent* stream_start);

// From an output to where its renditions come from: none of its videos can be shown as it comes, and one is wanted.
Ref<GstEvent> realtime_wanted();
bool is_realtime_wanted(const GstEvent* event);

}  // namespace millrace::gst
