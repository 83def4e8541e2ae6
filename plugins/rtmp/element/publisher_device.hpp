// SPDX-License-Identifier: LGPL-2.1-or-later
// RTMP publishers that wait for a source, as devices.
#pragma once

#include <gst/gst.h>

namespace millrace::rtmp {

bool register_device_provider(GstPlugin* plugin);

}  // namespace millrace::rtmp
