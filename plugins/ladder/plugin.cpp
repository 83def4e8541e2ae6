// SPDX-License-Identifier: LGPL-2.1-or-later
// The millladder plugin: registration and nothing else.
#include "ladder/element/ladder.hpp"

static gboolean plugin_init(GstPlugin* plugin) {
    return GST_ELEMENT_REGISTER(millladder, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, millladder, "Renditions of one stream", plugin_init,
                  MILLRACE_VERSION, "LGPL", PACKAGE, "Millrace")
