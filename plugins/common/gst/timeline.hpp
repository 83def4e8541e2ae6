// SPDX-License-Identifier: LGPL-2.1-or-later
// Running time of buffers: the stream's timeline, signed, so that a decode time before zero keeps its sign.
#pragma once

#include <gst/gst.h>

#include <optional>

#include "common/base/time.hpp"

namespace millrace::gst {

// Empty for GST_CLOCK_TIME_NONE and for times outside the segment.
inline std::optional<Duration> running_time(const GstSegment& segment, GstClockTime time) {
    if (!GST_CLOCK_TIME_IS_VALID(time)) return std::nullopt;
    guint64 running = 0;
    int sign = gst_segment_to_running_time_full(&segment, GST_FORMAT_TIME, time, &running);
    if (sign == 0) return std::nullopt;
    return Duration(sign * static_cast<std::int64_t>(running));
}

}  // namespace millrace::gst
