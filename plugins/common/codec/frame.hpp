// SPDX-License-Identifier: LGPL-2.1-or-later
// One access unit of one track, as outputs are given it. Pure data.
#pragma once

#include "common/base/bytes.hpp"
#include "common/base/time.hpp"

namespace millrace::codec {

// The payload is the caller's.
struct Frame {
    Duration dts{};       // decode time on the stream's timeline (GStreamer running time); may be negative
    Duration pts{};       // presentation time on the same timeline
    Duration duration{};  // zero when unknown
    bool key = false;     // IDR for video; ignored for audio
    bool disposable = false;
    bool discontinuity = false;  // the encoding or the publisher was interrupted before this frame
    ByteView payload;            // length-prefixed NAL units, a raw AAC access unit, an Opus packet …
};

}  // namespace millrace::codec
