// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/frame_reader.hpp"

#include <utility>

#include "common/gst/timeline.hpp"
#include "common/gst/track_caps.hpp"

namespace millrace::gst {

Result<codec::TrackFormat> FrameReader::set_caps(const GstCaps* caps) {
    auto format = format_from_caps(caps);
    if (!format) return format;
    auto filter = codec::AccessUnitFilter::make(*format);
    if (!filter) return tl::unexpected(std::move(filter).error());
    filter_ = std::move(*filter);
    kind_ = codec::kind_of(format->codec);
    return format;
}

std::optional<codec::Frame> FrameReader::times_and_flags(GstBuffer* buffer) const {
    auto pts = running_time(segment_, GST_BUFFER_PTS(buffer));
    auto dts = running_time(segment_, GST_BUFFER_DTS(buffer));
    if (!pts) pts = dts;
    // A decode time is what orders the stream; without reordering it is the presentation time.
    if (!dts || kind_ == codec::Kind::audio) dts = pts;
    if (!dts) return std::nullopt;
    codec::Frame frame{.dts = *dts, .pts = *pts};
    if (GST_BUFFER_DURATION_IS_VALID(buffer)) {
        frame.duration = Duration(static_cast<std::int64_t>(GST_BUFFER_DURATION(buffer)));
    }
    frame.key = kind_ == codec::Kind::audio || !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    frame.disposable = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DROPPABLE);
    // The first buffer of every stream is marked as a discontinuity too.
    frame.discontinuity = started_ && GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT);
    return frame;
}

Result<std::optional<FrameReader::Reading>> FrameReader::read(GstBuffer* buffer) {
    auto frame = times_and_flags(buffer);
    if (!frame) return std::nullopt;
    auto map = ReadMap::of(buffer);
    if (!map) return fail(Fault::no_resource, "a buffer cannot be mapped");
    auto unit = filter_.apply(map->bytes());
    if (!unit) return tl::unexpected(std::move(unit).error());
    if (unit->bytes.empty()) return std::nullopt;
    frame->payload = unit->bytes;
    frame->key = frame->key && unit->sync;  // a recovery point is a key frame to GStreamer, and none to CMAF (CM-8)
    started_ = true;
    return Reading{std::move(*map), *frame};
}

}  // namespace millrace::gst
