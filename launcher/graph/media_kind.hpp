// SPDX-License-Identifier: LGPL-2.1-or-later
// What sort of media caps describe, in the words of `from: in.video`.
#pragma once

#include <gst/gst.h>

#include <string>

namespace millrace::launcher {

// "video", "audio", "text", or "" when the caps leave it open (ANY, or several kinds).
std::string media_kind(const GstCaps* caps);

bool is_media_kind(const std::string& word);

}  // namespace millrace::launcher
