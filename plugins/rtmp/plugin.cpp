// SPDX-License-Identifier: LGPL-2.1-or-later
// The millrtmp plugin: registration and nothing else.
#include "rtmp/element/publisher_device.hpp"
#include "rtmp/element/rtmp_src.hpp"

static gboolean plugin_init(GstPlugin* plugin) {
    return GST_ELEMENT_REGISTER(millrtmpsrc, plugin) && millrace::rtmp::register_device_provider(plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, millrtmp, "RTMP ingest", plugin_init, MILLRACE_VERSION, "LGPL",
                  PACKAGE, "Millrace")
