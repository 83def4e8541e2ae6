// SPDX-License-Identifier: LGPL-2.1-or-later
// WHIP publishers that wait for a source, as devices.
#pragma once

#include <gst/gst.h>

namespace millrace::webrtc {

bool register_device_provider(GstPlugin* plugin);

}  // namespace millrace::webrtc
