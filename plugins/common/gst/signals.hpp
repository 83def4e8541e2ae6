// SPDX-License-Identifier: LGPL-2.1-or-later
// Signals that tell of a peer or ask about one, by a GstStructure.
#pragma once

#include <gst/gst.h>

namespace millrace::gst {

// Of `type`; `result` is G_TYPE_NONE, or G_TYPE_BOOLEAN, where the first handler decides.
inline guint new_structure_signal(GType type, const char* name, GType result) {
    return g_signal_new(name, type, G_SIGNAL_RUN_LAST, 0,
                        result == G_TYPE_BOOLEAN ? g_signal_accumulator_first_wins : nullptr, nullptr, nullptr, result,
                        1, GST_TYPE_STRUCTURE | G_SIGNAL_TYPE_STATIC_SCOPE);
}

}  // namespace millrace::gst
