// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/element/ladder_pad.hpp"

#include "common/gst/element.hpp"

using namespace millrace;

MILL_DEFINE_TYPE(MillLadderPad, mill_ladder_pad, GST_TYPE_PAD, GstPad, ladder::LadderPadState)

namespace {

enum Property : guint { kRendition = 1, kBitrate, kLanguage };

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    const gst::Rendition rendition = ladder::state_of(GST_PAD(object)).rendition.copy();
    switch (id) {
        case kRendition:
            return g_value_set_string(value, rendition.name.c_str());
        case kBitrate:
            return g_value_set_uint64(value, rendition.bitrate);
        case kLanguage:
            return g_value_set_string(value, rendition.language.c_str());
        default:
            G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

}  // namespace

static void mill_ladder_pad_class_init(MillLadderPadClass* klass) {
    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_ladder_pad_finalize;
    object_class->get_property = get_property;
    const auto flags = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(
        object_class, kRendition,
        g_param_spec_string("rendition", "rendition", "Name of the rendition in URLs and playlists", "", flags));
    g_object_class_install_property(
        object_class, kBitrate,
        g_param_spec_uint64("bitrate", "bitrate", "What its encoder keeps to in bit/s; 0 = the input's, unknown", 0,
                            G_MAXUINT64, 0, flags));
    g_object_class_install_property(
        object_class, kLanguage,
        g_param_spec_string("language", "language",
                            "Language of an audio rendition as a BCP 47 tag; empty = undetermined", "", flags));
}

namespace millrace::ladder {

LadderPadState& state_of(GstPad* pad) {
    return *reinterpret_cast<MillLadderPad*>(pad)->impl;
}

}  // namespace millrace::ladder
