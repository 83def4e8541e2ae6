// SPDX-License-Identifier: LGPL-2.1-or-later
// Which of GStreamer's elements make frames of a codec's RTP packets, and the caps of those packets.
#pragma once

#include <gst/gst.h>

#include "common/base/result.hpp"
#include "common/gst/codec_elements.hpp"
#include "common/gst/ref.hpp"
#include "webrtc/core/publisher/reception_terms.hpp"

namespace millrace::webrtc {

gst::Ref<GstCaps> rtp_caps(const IncomingCodec& codec);

// From packets, or of AV1 from temporal units (Debian 12 has no depayloader for it), to frames as our pads carry them.
// no_resource names what is not installed.
Result<gst::Elements> depayloading(const IncomingCodec& codec);
inline bool depayloads_itself(const IncomingCodec& codec) {
    return codec.codec == Codec::av1;
}
// What goes into depayloading() of such a codec.
gst::Ref<GstCaps> temporal_unit_caps();

}  // namespace millrace::webrtc
