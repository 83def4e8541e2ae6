// SPDX-License-Identifier: LGPL-2.1-or-later
// A frame of a publisher as a GstBuffer.
#pragma once

#include <gst/gst.h>

#include "common/codec/track_format.hpp"
#include "common/gst/ref.hpp"
#include "rtmp/core/event.hpp"
#include "rtmp/core/timeline.hpp"

namespace millrace::rtmp {

// How long one of the track's frames lasts; NONE where its format does not say.
GstClockTime frame_duration(const codec::TrackFormat& format);

// At `base` plus its mapped time.
gst::Ref<GstBuffer> to_buffer(Media media, const Timeline::Mapped& mapped, Duration base, GstClockTime duration);

}  // namespace millrace::rtmp
