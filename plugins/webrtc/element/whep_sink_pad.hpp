// SPDX-License-Identifier: LGPL-2.1-or-later
// A request pad of millwhepsink: one track.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <optional>

#include "common/codec/track_format.hpp"
#include "common/gst/frame_reader.hpp"
#include "webrtc/element/opus_transcoder.hpp"

namespace millrace::webrtc {

// What a pad knows of its stream. Touched by its streaming thread, and by the element while that is stopped.
struct WhepPadState {
    explicit WhepPadState(GstPad*) {}

    // As if nothing had come yet.
    void reset() {
        transcoder.reset();
        live.reset();
        has_caps = ended = warned = false;
    }

    codec::Kind kind = codec::Kind::video;
    gst::FrameReader reader{codec::Kind::video};
    std::unique_ptr<gst::Chain> transcoder;  // of sound that is not Opus
    std::optional<bool> live;                // asked when the first buffer comes
    bool has_caps = false;
    bool warned = false;  // of frames that cannot be used
    bool ended = false;
};

#define MILL_TYPE_WHEP_SINK_PAD (mill_whep_sink_pad_get_type())

}  // namespace millrace::webrtc

extern "C" GType mill_whep_sink_pad_get_type();

namespace millrace::webrtc {

WhepPadState& state_of(GstPad* pad);

}  // namespace millrace::webrtc
