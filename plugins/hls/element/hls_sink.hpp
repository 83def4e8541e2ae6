// SPDX-License-Identifier: LGPL-2.1-or-later
// millhlssink: tracks in; low-latency HLS over HTTP out.
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GST_ELEMENT_REGISTER_DECLARE(millhlssink)
G_END_DECLS
