// SPDX-License-Identifier: LGPL-2.1-or-later
// The millwebrtc plugin: registration and nothing else.
#include "webrtc/element/whep_sink.hpp"

static gboolean plugin_init(GstPlugin* plugin) {
    return GST_ELEMENT_REGISTER(millwhepsink, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, millwebrtc, "WebRTC for many viewers", plugin_init,
                  MILLRACE_VERSION, "LGPL", PACKAGE, "Millrace")
