// SPDX-License-Identifier: LGPL-2.1-or-later
// millladder: one stream in; its renditions out.
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GST_ELEMENT_REGISTER_DECLARE(millladder)
G_END_DECLS
