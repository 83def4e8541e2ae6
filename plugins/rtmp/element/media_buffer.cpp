// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/media_buffer.hpp"

#include <algorithm>
#include <utility>

#include "common/gst/read_map.hpp"

namespace millrace::rtmp {

GstClockTime frame_duration(const codec::TrackFormat& format) {
    if (codec::kind_of(format.codec) == codec::Kind::audio) {
        if (format.sample_rate == 0 || format.samples_per_frame == 0) return GST_CLOCK_TIME_NONE;
        return gst_util_uint64_scale(format.samples_per_frame, GST_SECOND, format.sample_rate);
    }
    if (!format.frame_rate.known()) return GST_CLOCK_TIME_NONE;
    return gst_util_uint64_scale(GST_SECOND, format.frame_rate.denominator, format.frame_rate.numerator);
}

gst::Ref<GstBuffer> to_buffer(Media media, const Timeline::Mapped& mapped, Duration base, GstClockTime duration) {
    auto buffer = gst::adopt(gst::wrap_bytes(std::move(media.payload.owner), media.payload.offset, media.payload.size));
    // A segment that starts at 0 cannot say a time before it: the first frames of a track that begins earlier.
    GST_BUFFER_DTS(buffer.get()) = static_cast<GstClockTime>(std::max<std::int64_t>((base + mapped.dts).count(), 0));
    GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(std::max<std::int64_t>((base + mapped.pts).count(), 0));
    GST_BUFFER_DURATION(buffer.get()) = duration;
    if (!media.key) GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    if (mapped.discontinuity) GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
    return buffer;
}

}  // namespace millrace::rtmp
