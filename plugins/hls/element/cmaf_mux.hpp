// SPDX-License-Identifier: LGPL-2.1-or-later
// millcmafmux: one track in; a CMAF header and chunks out.
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GST_ELEMENT_REGISTER_DECLARE(millcmafmux)
G_END_DECLS
