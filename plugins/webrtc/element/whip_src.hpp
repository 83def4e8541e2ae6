// SPDX-License-Identifier: LGPL-2.1-or-later
// millwhipsrc: waits for a WHIP publisher of its path and outputs its tracks.
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GST_ELEMENT_REGISTER_DECLARE(millwhipsrc)
G_END_DECLS
