// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/track_pads.hpp"

#include <algorithm>
#include <string>

#include "common/gst/read_map.hpp"
#include "common/gst/track_caps.hpp"

namespace millrace::rtmp {

TrackPads::TrackPads(GstElement* element) : element_(element), flows_(gst_flow_combiner_new()) {}

TrackPads::~TrackPads() = default;

TrackPads::Pad& TrackPads::add(Key key) {
    const bool video = key.first == codec::Kind::video;
    const std::string name = (video ? "video_" : "audio_") + std::to_string(key.second);
    GstPadTemplate* templ =
        gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element_), video ? "video_%u" : "audio_%u");
    GstPad* pad = gst_pad_new_from_template(templ, name.c_str());
    gst_pad_set_query_function(pad, [](GstPad* pad, GstObject* parent, GstQuery* query) -> gboolean {
        // The element knows its latency; the default would look for a sink pad to ask.
        return GST_QUERY_TYPE(query) == GST_QUERY_LATENCY ? gst_element_query(GST_ELEMENT(parent), query)
                                                          : gst_pad_query_default(pad, parent, query);
    });
    gst_pad_set_active(pad, TRUE);
    gst_pad_use_fixed_caps(pad);

    gst::OwnedText stream_id(gst_pad_create_stream_id(pad, element_, name.c_str()));
    auto start = gst::adopt(gst_event_new_stream_start(stream_id.get()));
    gst_event_set_group_id(start.get(), group_);
    gst_pad_push_event(pad, start.release());

    gst_flow_combiner_add_pad(flows_.get(), pad);
    return pads_.emplace(key, Pad{.pad = gst::share(pad)}).first->second;
}

void TrackPads::set_format(codec::Kind kind, unsigned track, const codec::TrackFormat& format) {
    auto found = pads_.find({kind, track});
    const bool fresh = found == pads_.end();
    Pad& pad = fresh ? add({kind, track}) : found->second;
    if (!fresh && pad.format == format) return;
    pad.format = format;
    gst_pad_push_event(pad.pad.get(), gst_event_new_caps(gst::caps_from_format(format).get()));
    if (!fresh) return;
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(pad.pad.get(), gst_event_new_segment(&segment));
    gst_element_add_pad(element_, pad.pad.get());
}

void TrackPads::interrupted() {
    for (auto& [key, pad] : pads_) pad.discontinuity = true;
    push_event(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty("millrace-interrupted")));
}

GstClockTime TrackPads::duration_of(const codec::TrackFormat& format) {
    if (codec::kind_of(format.codec) == codec::Kind::audio) {
        if (format.sample_rate == 0 || format.samples_per_frame == 0) return GST_CLOCK_TIME_NONE;
        return gst_util_uint64_scale(format.samples_per_frame, GST_SECOND, format.sample_rate);
    }
    if (!format.frame_rate.known()) return GST_CLOCK_TIME_NONE;
    return gst_util_uint64_scale(GST_SECOND, format.frame_rate.denominator, format.frame_rate.numerator);
}

GstFlowReturn TrackPads::push(Media media, const Timeline::Mapped& mapped, Duration base) {
    auto found = pads_.find({media.kind, media.track});
    if (found == pads_.end()) return GST_FLOW_OK;
    Pad& pad = found->second;
    GstBuffer* buffer = gst::wrap_bytes(std::move(media.payload.owner), media.payload.offset, media.payload.size);
    // A segment that starts at 0 cannot say a time before it: the first frames of a track that begins earlier.
    GST_BUFFER_DTS(buffer) = static_cast<GstClockTime>(std::max<std::int64_t>((base + mapped.dts).count(), 0));
    GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(std::max<std::int64_t>((base + mapped.pts).count(), 0));
    GST_BUFFER_DURATION(buffer) = duration_of(pad.format);
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_LIVE);
    if (!media.key) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (std::exchange(pad.discontinuity, false) || mapped.discontinuity)
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
    return gst_flow_combiner_update_pad_flow(flows_.get(), pad.pad.get(), gst_pad_push(pad.pad.get(), buffer));
}

void TrackPads::push_event(GstEvent* event) {
    auto owned = gst::adopt(event);
    for (auto& [key, pad] : pads_) gst_pad_push_event(pad.pad.get(), gst_event_ref(event));
}

void TrackPads::remove() {
    for (auto& [key, pad] : pads_) {
        gst_pad_set_active(pad.pad.get(), FALSE);
        gst_element_remove_pad(element_, pad.pad.get());
    }
    pads_.clear();
    gst_flow_combiner_clear(flows_.get());
}

}  // namespace millrace::rtmp
