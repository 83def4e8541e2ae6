// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/element/sink_pad.hpp"

#include <array>

#include "common/gst/element.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/ref.hpp"

using namespace millrace;

MILL_DEFINE_TYPE(MillHlsSinkPad, mill_hls_sink_pad, GST_TYPE_PAD, GstPad, hls::PadState)

namespace {

const std::array kProperties{
    gst::Property<hls::SinkPadSettings>{
        .name = "rendition",
        .blurb = "Name of the rendition in URLs and playlists; empty = what its stream says, or the pad's name",
        .field = &hls::SinkPadSettings::rendition},
    gst::Property<hls::SinkPadSettings>{
        .name = "bitrate",
        .blurb = "Bitrate that the encoder keeps to in bit/s; 0 = what its stream says, or unknown",
        .field = &hls::SinkPadSettings::bitrate},
    gst::Property<hls::SinkPadSettings>{
        .name = "language",
        .blurb = "Language of an audio rendition as a BCP 47 tag; empty = what its stream says, or undetermined",
        .field = &hls::SinkPadSettings::language},
};

hls::PadState& state_of_object(gpointer pad) {
    return hls::state_of(GST_PAD(pad));
}

}  // namespace

static void mill_hls_sink_pad_class_init(MillHlsSinkPadClass* klass) {
    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_hls_sink_pad_finalize;
    gst::install_properties<state_of_object, kProperties>(object_class);
}

namespace millrace::hls {

PadState& state_of(GstPad* pad) {
    return *reinterpret_cast<MillHlsSinkPad*>(pad)->impl;
}

Presentation::TrackOptions track_options(GstPad* pad) {
    const SinkPadSettings asked = state_of(pad).settings.copy();
    const gst::Rendition described = state_of(pad).described.value_or(gst::Rendition{});
    gst::OwnedText pad_name(gst_pad_get_name(pad));
    const std::string& otherwise = described.name.empty() ? pad_name.get() : described.name;
    return {.name = asked.rendition.empty() ? otherwise : asked.rendition,
            .bitrate = asked.bitrate > 0 ? asked.bitrate : described.bitrate,
            .language = asked.language.empty() ? described.language : asked.language,
            .steady = described.steady};
}

}  // namespace millrace::hls
