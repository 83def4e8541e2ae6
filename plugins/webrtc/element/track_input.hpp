// SPDX-License-Identifier: LGPL-2.1-or-later
// One pad's stream as WebRTC takes it: the frames of its buffers, and from its caps what is to be agreed with viewers.
#pragma once

#include <gst/gst.h>

#include "common/base/result.hpp"
#include "common/gst/frame_reader.hpp"
#include "webrtc/element/whep/broadcast.hpp"

namespace millrace::webrtc {

// What can be sent: parsed, a frame a buffer; of sound also what is made into Opus.
extern const char* const kWhepVideoCaps;
extern const char* const kWhepAudioCaps;

// Fails with refused where no browser decodes it.
Result<TrackMedia> media_from_caps(const GstCaps* caps, gst::FrameReader& reader);

}  // namespace millrace::webrtc
