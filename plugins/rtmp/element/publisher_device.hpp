// SPDX-License-Identifier: LGPL-2.1-or-later
// Publishers that wait for a source, as GstDevices of class Source/Network/Publisher, and the provider that finds them.
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GST_DEVICE_PROVIDER_REGISTER_DECLARE(millrtmpdeviceprovider)
G_END_DECLS
