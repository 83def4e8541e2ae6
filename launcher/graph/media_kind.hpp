// SPDX-License-Identifier: LGPL-2.1-or-later
// What sort of media caps describe, in the words of `from: in.video`.
#pragma once

#include <gst/gst.h>

#include <string>

namespace millrace::launcher {

// "video", "audio", "text", or "" when the caps leave it open (ANY, or several kinds).
std::string media_kind(const GstCaps* caps);

// The same from a pad's name, for pads whose caps leave it open: "video_%u" gives video.
std::string media_kind_of_name(const std::string& pad);

bool is_media_kind(const std::string& word);

}  // namespace millrace::launcher
