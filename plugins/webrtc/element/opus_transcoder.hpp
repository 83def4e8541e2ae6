// SPDX-License-Identifier: LGPL-2.1-or-later
// Sound that WebRTC cannot carry, AAC, MP3 or raw, made into Opus: once for all viewers. A chain of GStreamer's own
// elements on the thread that pushes.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "common/base/result.hpp"
#include "common/gst/chain.hpp"
#include "common/gst/ref.hpp"

namespace millrace::webrtc {

// Fails with no_resource, naming what to install, when there is no decoder for `caps` or no encoder.
Result<std::unique_ptr<gst::Chain>> make_opus_transcoder(const GstCaps* caps, gst::Chain::Output output);

}  // namespace millrace::webrtc
