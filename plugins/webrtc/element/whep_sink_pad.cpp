// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep_sink_pad.hpp"

#include "common/gst/element.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/ref.hpp"

using namespace millrace;

MILL_DEFINE_TYPE(MillWhepSinkPad, mill_whep_sink_pad, GST_TYPE_PAD, GstPad, webrtc::WhepPadState)

namespace {

webrtc::WhepPadState& state_of_object(gpointer pad) {
    return webrtc::state_of(GST_PAD(pad));
}

}  // namespace

static void mill_whep_sink_pad_class_init(MillWhepSinkPadClass* klass) {
    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_whep_sink_pad_finalize;
    gst::install_properties<state_of_object, gst::kRenditionProperties>(object_class);
}

namespace millrace::webrtc {

WhepPadState& state_of(GstPad* pad) {
    return *reinterpret_cast<MillWhepSinkPad*>(pad)->impl;
}

TrackOptions track_options(GstPad* pad) {
    const WhepPadState& state = state_of(pad);
    gst::OwnedText name(gst_pad_get_name(pad));
    const gst::Rendition rendition = gst::rendition_with(state.settings.copy(), state.said, name.get());
    return {rendition.name, rendition.bitrate};
}

}  // namespace millrace::webrtc
