// SPDX-License-Identifier: LGPL-2.1-or-later
// A request pad of millhlssink: one rendition, with the properties `rendition`, `bitrate` and `language`.
#pragma once

#include <gst/gst.h>

#include <optional>

#include "common/base/thread.hpp"
#include "common/codec/track_format.hpp"
#include "common/gst/frame_reader.hpp"
#include "common/gst/rendition_settings.hpp"
#include "hls/core/presentation.hpp"

namespace millrace::hls {

// What a pad knows of its stream. Touched by its streaming thread, and by the element while that is stopped.
struct PadState {
    explicit PadState(GstPad*) {}

    Guarded<gst::RenditionSettings> settings;
    gst::FrameReader reader{codec::Kind::video};
    codec::Kind kind = codec::Kind::video;
    std::optional<gst::Rendition> described;  // what its stream says it is
    std::optional<TrackIndex> track;          // while the element runs
    std::optional<bool> live;                 // asked when the first buffer comes
    bool has_caps = false;
    bool warned = false;  // of frames that cannot be used
    bool ended = false;

    // Nothing of it is for an output like this one: it is dropped.
    [[nodiscard]] bool unwanted() const { return described && !described->segmented; }
};

#define MILL_TYPE_HLS_SINK_PAD (mill_hls_sink_pad_get_type())

}  // namespace millrace::hls

extern "C" GType mill_hls_sink_pad_get_type();

namespace millrace::hls {

PadState& state_of(GstPad* pad);

// What the pad asks of its rendition, or else its stream; the pad's name stands in for one that has none.
Presentation::TrackOptions track_options(GstPad* pad);

}  // namespace millrace::hls
