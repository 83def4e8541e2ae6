// SPDX-License-Identifier: LGPL-2.1-or-later
// H.264 frames that no decoder needs to understand: a real configuration, one NAL unit each, a key frame every second.
#pragma once

#include <gst/gst.h>

#include "common/gst/read_map.hpp"

namespace millrace::test {

constexpr GstClockTime kFrameDuration = GST_SECOND / 30;
constexpr int kKeyInterval = 30;

// avcC of a 320x180 constrained baseline stream at 30 frames/s, as x264 writes it.
inline const char* const kVideoCaps =
    "video/x-h264, stream-format=(string)avc, alignment=(string)au, width=(int)320, height=(int)180, "
    "framerate=(fraction)30/1, codec_data=(buffer)"
    "0142c015ffe1001d6742c015d901419f9f016a0c0c0d4a000003000200000300791e2c5c9001000468cb8cb2";

inline GstBuffer* video_frame(int number) {
    const bool key = number % kKeyInterval == 0;
    GstBuffer* buffer = gst::wrap_bytes({0, 0, 0, 4, static_cast<std::uint8_t>(key ? 0x65 : 0x41), 1, 2, 3});
    GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = static_cast<GstClockTime>(number) * kFrameDuration;
    GST_BUFFER_DURATION(buffer) = kFrameDuration;
    if (!key) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    return buffer;
}

}  // namespace millrace::test
