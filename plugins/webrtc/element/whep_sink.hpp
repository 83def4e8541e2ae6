// SPDX-License-Identifier: LGPL-2.1-or-later
// millwhepsink: tracks in; WebRTC viewers out.
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GST_ELEMENT_REGISTER_DECLARE(millwhepsink)
G_END_DECLS
