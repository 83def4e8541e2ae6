// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-millcmafmux
 * @title: millcmafmux
 *
 * Makes CMAF (ISO/IEC 23000-19) of one track: first the header, then a chunk whenever its last frame is in. A chunk
 * that starts a fragment at a key frame has no DELTA_UNIT flag. The header is in the caps as `streamheader` too.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=90 ! x264enc tune=zerolatency key-int-max=30 ! h264parse ! millcmafmux !
 * filesink location=video.mp4
 * ]| Three seconds that any player opens
 */
#include "hls/element/cmaf_mux.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "common/base/thread.hpp"
#include "common/gst/element.hpp"
#include "common/gst/frame_reader.hpp"
#include "common/gst/post.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/read_map.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/track_caps.hpp"
#include "hls/core/chunker.hpp"

GST_DEBUG_CATEGORY_STATIC(millcmafmux_debug);
#define GST_CAT_DEFAULT millcmafmux_debug

using namespace millrace;

namespace {

struct MuxSettings {
    Duration part_duration = 200ms;
    Duration segment_duration = 2s;
};

using Row = gst::Property<MuxSettings>;
const std::array kProperties{
    Row{.name = "part-duration",
        .blurb = "Longest chunk in ns, fitted to whole frames",
        .field = &MuxSettings::part_duration,
        .min = 10'000'000,
        .max = 60'000'000'000},
    Row{.name = "segment-duration",
        .blurb = "Shortest fragment in ns; fragments start at key frames",
        .field = &MuxSettings::segment_duration,
        .min = 10'000'000,
        .max = 600'000'000'000},
};

class CmafMux {
  public:
    explicit CmafMux(GstElement* element);

    // Both on the streaming thread.
    GstFlowReturn chain(gst::Ref<GstBuffer> buffer);
    bool event(GstEvent* event);

    void reset() { chunker_.reset(); }
    Guarded<MuxSettings> settings;

  private:
    bool set_caps(GstCaps* caps);
    void push_segment();
    GstFlowReturn push(hls::Chunk chunk);
    void flush(bool ends_stream);

    GstElement* const element_;
    GstPad* const sink_;
    GstPad* const src_;

    // ---- the streaming thread's own
    gst::FrameReader reader_{codec::Kind::video};
    std::optional<hls::Chunker> chunker_;
    bool segment_due_ = true;
    bool warned_ = false;  // of frames that cannot be used
};

}  // namespace

MILL_DEFINE_ELEMENT(MillCmafMux, mill_cmaf_mux, CmafMux)
GST_ELEMENT_REGISTER_DEFINE(millcmafmux, "millcmafmux", GST_RANK_NONE, mill_cmaf_mux_get_type())

namespace {

CmafMux& mux_of(gpointer element) {
    return *static_cast<MillCmafMux*>(element)->impl;
}

GstPad* new_pad(GstElement* element, const char* name) {
    return gst_pad_new_from_template(gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element), name), name);
}

CmafMux::CmafMux(GstElement* element)
    : element_(element), sink_(new_pad(element, "sink")), src_(new_pad(element, "src")) {
    gst_pad_set_chain_function(
        sink_, [](GstPad*, GstObject* parent, GstBuffer* buffer) { return mux_of(parent).chain(gst::adopt(buffer)); });
    gst_pad_set_event_function(
        sink_, [](GstPad*, GstObject* parent, GstEvent* event) -> gboolean { return mux_of(parent).event(event); });
    gst_pad_use_fixed_caps(src_);
    gst_element_add_pad(element, sink_);
    gst_element_add_pad(element, src_);
}

bool CmafMux::set_caps(GstCaps* caps) {
    auto format = reader_.set_caps(caps);
    if (!format) {
        gst::post(element_, std::move(format).error());
        return false;
    }
    flush(false);
    if (!chunker_) {
        MuxSettings chosen = settings.copy();
        chunker_.emplace(chosen.part_duration, chosen.segment_duration);
    }
    auto header = chunker_->set_format(std::move(*format));
    if (!header) {
        gst::post(element_, std::move(header).error());
        return false;
    }
    auto buffer = gst::adopt(gst::wrap_bytes(std::move(*header)));
    GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_HEADER);

    auto out = gst::adopt(gst_caps_new_simple("video/quicktime", "variant", G_TYPE_STRING, "cmaf", nullptr));
    GValue headers = G_VALUE_INIT;
    GValue first = G_VALUE_INIT;
    g_value_init(&headers, GST_TYPE_ARRAY);
    g_value_init(&first, GST_TYPE_BUFFER);
    gst_value_set_buffer(&first, buffer.get());
    gst_value_array_append_and_take_value(&headers, &first);
    gst_structure_take_value(gst_caps_get_structure(out.get(), 0), "streamheader", &headers);
    gst_pad_push_event(src_, gst_event_new_caps(out.get()));
    push_segment();
    gst_pad_push(src_, buffer.release());
    return true;
}

// Chunks are timed by running time, whatever the segment upstream.
void CmafMux::push_segment() {
    if (!std::exchange(segment_due_, false)) return;
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(src_, gst_event_new_segment(&segment));
}

bool CmafMux::event(GstEvent* raw) {
    auto event = gst::adopt(raw);
    switch (GST_EVENT_TYPE(raw)) {
        case GST_EVENT_CAPS: {
            GstCaps* caps = nullptr;
            gst_event_parse_caps(raw, &caps);
            return set_caps(caps);
        }
        case GST_EVENT_SEGMENT:
            reader_.set_segment(raw);
            return true;
        case GST_EVENT_STREAM_START:
            segment_due_ = true;
            reader_.start_stream();
            break;
        case GST_EVENT_EOS:
            flush(true);
            break;
        case GST_EVENT_FLUSH_STOP:
            reset();
            break;
        default:
            break;
    }
    return gst_pad_event_default(sink_, GST_OBJECT(element_), event.release());
}

GstFlowReturn CmafMux::chain(gst::Ref<GstBuffer> buffer) {
    if (!chunker_) return GST_FLOW_NOT_NEGOTIATED;
    auto reading = reader_.read(buffer.get());
    if (!reading) {
        if (!std::exchange(warned_, true))
            gst::warn(element_, "frames that cannot be used are dropped: " + reading.error().what);
        return GST_FLOW_OK;
    }
    if (!*reading) return GST_FLOW_OK;
    for (hls::Chunk& chunk : chunker_->push((*reading)->frame)) {
        if (GstFlowReturn flow = push(std::move(chunk)); flow != GST_FLOW_OK) return flow;
    }
    return GST_FLOW_OK;
}

GstFlowReturn CmafMux::push(hls::Chunk chunk) {
    GstBuffer* buffer =
        gst_buffer_append(gst::wrap_bytes(std::move(chunk.head)), gst::wrap_bytes(std::move(chunk.payload)));
    GST_BUFFER_DTS(buffer) = GST_BUFFER_PTS(buffer) =
        static_cast<GstClockTime>(std::max<std::int64_t>(chunk.start.count(), 0));
    GST_BUFFER_DURATION(buffer) = static_cast<GstClockTime>(chunk.duration.count());
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_MARKER);
    if (!chunk.starts_fragment) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    return gst_pad_push(src_, buffer);
}

void CmafMux::flush(bool ends_stream) {
    if (!chunker_) return;
    if (auto last = chunker_->flush(ends_stream)) push(std::move(*last));
}

// ---- GObject --------------------------------------------------------------------------------------------------------

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
    auto result = GST_ELEMENT_CLASS(mill_cmaf_mux_parent_class)->change_state(element, change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) mux_of(element).reset();
    return result;
}

}  // namespace

static void mill_cmaf_mux_class_init(MillCmafMuxClass* klass) {
    GST_DEBUG_CATEGORY_INIT(millcmafmux_debug, "millcmafmux", 0, "CMAF muxer");

    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_cmaf_mux_finalize;
    gst::install_properties<mux_of, kProperties>(object_class);

    GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element_class, "CMAF muxer", "Codec/Muxer",
                                          "Makes a CMAF header and chunks of one track", "Millrace maintainers");
    auto add_template = [&](const char* name, GstPadDirection direction, const std::string& caps) {
        gst_element_class_add_pad_template(element_class,
                                           gst_pad_template_new(name, direction, GST_PAD_ALWAYS,
                                                                gst::adopt(gst_caps_from_string(caps.c_str())).get()));
    };
    add_template("sink", GST_PAD_SINK, std::string(gst::kVideoCaps) + "; " + gst::kAudioCaps);
    add_template("src", GST_PAD_SRC, "video/quicktime, variant=(string)cmaf");
    element_class->change_state = change_state;
}
