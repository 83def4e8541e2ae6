// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/element/output.hpp"

#include <utility>

#include "ladder/element/ladder_pad.hpp"

namespace millrace::ladder {

namespace {

Output& output_of(GstPad* pad) {
    return *static_cast<Output*>(gst_pad_get_element_private(pad));
}

}  // namespace

Output::Output(const Origin& origin, codec::Kind kind, unsigned number, gst::Rendition rendition, Upstream upstream,
               Query query)
    : element_(origin.element),
      rendition_(std::move(rendition)),
      upstream_(std::move(upstream)),
      query_(std::move(query)) {
    const bool video = kind == codec::Kind::video;
    const std::string name = (video ? "video_" : "audio_") + std::to_string(number);
    GstPadTemplate* templ =
        gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element_), video ? "video_%d" : "audio_%d");
    pad_ = gst::share(GST_PAD(g_object_new(MILL_TYPE_LADDER_PAD, "name", name.c_str(), "direction", GST_PAD_SRC,
                                           "template", templ, nullptr)));
    state_of(pad_.get()).rendition.with([&](gst::Rendition& said) { said = rendition_; });
    gst_pad_set_element_private(pad_.get(), this);
    gst_pad_set_event_function(pad_.get(), [](GstPad* pad, GstObject*, GstEvent* event) -> gboolean {
        auto owned = gst::adopt(event);
        return output_of(pad).upstream_(event);
    });
    gst_pad_set_query_function(pad_.get(), [](GstPad* pad, GstObject* parent, GstQuery* query) -> gboolean {
        return output_of(pad).query_(query) || gst_pad_query_default(pad, parent, query);
    });
    gst_pad_use_fixed_caps(pad_.get());
    gst_pad_set_active(pad_.get(), TRUE);
    begin(origin.stream_start);
    if (origin.caps) send(gst_event_ref(origin.caps));
    gst_element_add_pad(element_, pad_.get());
}

Output::~Output() {
    gst_pad_set_active(pad_.get(), FALSE);
    gst_element_remove_pad(element_, pad_.get());
}

void Output::begin(GstEvent* stream_start) {
    const gchar* input = "stream";
    if (stream_start) gst_event_parse_stream_start(stream_start, &input);
    auto start = gst::adopt(gst_event_new_stream_start((std::string(input) + "/" + rendition_.name).c_str()));
    guint group = 0;
    if (stream_start && gst_event_parse_group_id(stream_start, &group)) gst_event_set_group_id(start.get(), group);
    gst::describe(start.get(), rendition_);
    send(start.release());
}

GstFlowReturn Output::push(gst::Ref<GstBuffer> buffer) {
    const GstFlowReturn flow = gst_pad_push(pad_.get(), buffer.release());
    return flow == GST_FLOW_NOT_LINKED ? GST_FLOW_OK : flow;
}

}  // namespace millrace::ladder
