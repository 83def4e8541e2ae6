// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/element/sink_pad.hpp"

#include <utility>

#include "common/gst/element.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/ref.hpp"

using namespace millrace;

MILL_DEFINE_TYPE(MillHlsSinkPad, mill_hls_sink_pad, GST_TYPE_PAD, GstPad, hls::PadState)

namespace {

hls::PadState& state_of_object(gpointer pad) {
    return hls::state_of(GST_PAD(pad));
}

}  // namespace

static void mill_hls_sink_pad_class_init(MillHlsSinkPadClass* klass) {
    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_hls_sink_pad_finalize;
    gst::install_properties<state_of_object, gst::kRenditionProperties>(object_class);
}

namespace millrace::hls {

PadState& state_of(GstPad* pad) {
    return *reinterpret_cast<MillHlsSinkPad*>(pad)->impl;
}

Presentation::TrackOptions track_options(GstPad* pad) {
    const PadState& state = state_of(pad);
    gst::OwnedText name(gst_pad_get_name(pad));
    gst::Rendition rendition = gst::rendition_with(state.settings.copy(), state.described, name.get());
    return {.name = std::move(rendition.name),
            .bitrate = rendition.bitrate,
            .language = std::move(rendition.language),
            .steady = rendition.steady};
}

}  // namespace millrace::hls
