// SPDX-License-Identifier: LGPL-2.1-or-later
// A buffer's times and flags as the core's Frame. The payload is left to the caller, who holds the map.
#pragma once

#include <gst/gst.h>

#include <optional>

#include "common/codec/track_format.hpp"
#include "common/gst/timeline.hpp"
#include "hls/core/presentation.hpp"

namespace millrace::hls {

// Empty for a buffer without a time inside its segment.
inline std::optional<Frame> frame_of(GstBuffer* buffer, const GstSegment& segment, codec::Kind kind) {
    auto pts = gst::running_time(segment, GST_BUFFER_PTS(buffer));
    auto dts = gst::running_time(segment, GST_BUFFER_DTS(buffer));
    if (!pts) pts = dts;
    // A decode time is what orders the stream; without reordering it is the presentation time.
    if (!dts || kind == codec::Kind::audio) dts = pts;
    if (!dts) return std::nullopt;
    Frame frame{.dts = *dts, .pts = *pts};
    if (GST_BUFFER_DURATION_IS_VALID(buffer)) {
        frame.duration = Duration(static_cast<std::int64_t>(GST_BUFFER_DURATION(buffer)));
    }
    frame.key = kind == codec::Kind::audio || !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    frame.disposable = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DROPPABLE);
    frame.discontinuity = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT);
    return frame;
}

}  // namespace millrace::hls
