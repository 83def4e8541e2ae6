// SPDX-License-Identifier: LGPL-2.1-or-later
// The millhls plugin: registration and nothing else.
#include "hls/element/cmaf_mux.hpp"
#include "hls/element/hls_sink.hpp"

static gboolean plugin_init(GstPlugin* plugin) {
    return GST_ELEMENT_REGISTER(millhlssink, plugin) && GST_ELEMENT_REGISTER(millcmafmux, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, millhls, "Low-latency HLS and CMAF", plugin_init,
                  MILLRACE_VERSION, "LGPL", PACKAGE, "Millrace")
