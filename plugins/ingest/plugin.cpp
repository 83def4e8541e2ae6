// SPDX-License-Identifier: LGPL-2.1-or-later
// The millingest plugin: registration and nothing else.
#include "ingest/element/ingest_src.hpp"

static gboolean plugin_init(GstPlugin* plugin) {
    return GST_ELEMENT_REGISTER(millingestsrc, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, millingest, "Whoever publishes a path", plugin_init,
                  MILLRACE_VERSION, "LGPL", PACKAGE, "Millrace")
