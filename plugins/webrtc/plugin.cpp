// SPDX-License-Identifier: LGPL-2.1-or-later
// The millwebrtc plugin: registration and nothing else.
#include "webrtc/element/publisher_device.hpp"
#include "webrtc/element/whep_sink.hpp"
#include "webrtc/element/whip_src.hpp"

static gboolean plugin_init(GstPlugin* plugin) {
    return GST_ELEMENT_REGISTER(millwhepsink, plugin) && GST_ELEMENT_REGISTER(millwhipsrc, plugin) &&
           millrace::webrtc::register_device_provider(plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, millwebrtc, "WebRTC publishers and viewers", plugin_init,
                  MILLRACE_VERSION, "LGPL", PACKAGE, "Millrace")
