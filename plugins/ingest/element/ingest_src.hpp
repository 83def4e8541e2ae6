// SPDX-License-Identifier: LGPL-2.1-or-later
// millingestsrc: outputs the tracks of whoever publishes its path, by whatever ingest plugin.
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GST_ELEMENT_REGISTER_DECLARE(millingestsrc)
G_END_DECLS
