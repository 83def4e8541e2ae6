// SPDX-License-Identifier: LGPL-2.1-or-later
// Which of GStreamer's elements decode and encode, as rows for a Chain. Failures say what to install.
#pragma once

#include <gst/gst.h>

#include <vector>

#include "common/base/result.hpp"
#include "common/gst/ref.hpp"

namespace millrace::gst {

using Elements = std::vector<Ref<GstElement>>;

// The best decoder of these caps that writes into plain memory; nullptr when there is none.
Ref<GstElement> make_decoder(const GstCaps* caps);

// From sound as `caps` say to raw sound; nothing to do for raw sound itself.
Result<Elements> audio_decoder(const GstCaps* caps);

// From raw sound of any rate and number of channels; two channels at most, which is what browsers play of it.
Result<Elements> opus_encoder();
Result<Elements> aac_encoder();
// Samples that aac_encoder() is late: its first packet holds what was before the first sample, and it does not say so.
inline constexpr guint kAacDelay = 1024;

}  // namespace millrace::gst
