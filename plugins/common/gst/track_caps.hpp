// SPDX-License-Identifier: LGPL-2.1-or-later
// Caps and TrackFormat are the same facts in two languages; this is the dictionary.
#pragma once

#include <gst/gst.h>

#include "common/base/result.hpp"
#include "common/codec/track_format.hpp"
#include "common/gst/ref.hpp"

namespace millrace::gst {

// What our sinks accept and our sources offer: parsed elementary streams, one frame or access unit a buffer.
extern const char* const kVideoCaps;
extern const char* const kAudioCaps;

// Fails with bad_input when the caps lack what a decoder needs (codec_data), naming what is missing.
Result<codec::TrackFormat> format_from_caps(const GstCaps* caps);

Ref<GstCaps> caps_from_format(const codec::TrackFormat& format);

}  // namespace millrace::gst
