// SPDX-License-Identifier: LGPL-2.1-or-later
// A request pad of millwhepsink: one track, with the properties `rendition`, `bitrate` and `language`.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <optional>

#include "common/base/thread.hpp"
#include "common/codec/track_format.hpp"
#include "common/gst/frame_reader.hpp"
#include "common/gst/rendition_settings.hpp"
#include "webrtc/element/opus_transcoder.hpp"
#include "webrtc/element/whep/stream_tracks.hpp"

namespace millrace::webrtc {

// What a pad knows of its stream. Touched by its streaming thread, and by the element while that is stopped.
struct WhepPadState {
    explicit WhepPadState(GstPad*) {}

    // As if nothing had come yet.
    void reset() {
        transcoder.reset();
        live.reset();
        said.reset();
        unshown_since.reset();
        has_caps = ended = warned = false;
        ignored = refused = false;
    }

    Guarded<gst::RenditionSettings> settings;
    TrackId track = 0;
    codec::Kind kind = codec::Kind::video;
    gst::FrameReader reader{codec::Kind::video};
    std::unique_ptr<gst::Chain> transcoder;  // of sound that is not Opus
    std::optional<bool> live;                // asked when the first buffer comes
    std::optional<gst::Rendition> said;      // of itself, by the stream
    std::optional<TimePoint> unshown_since;  // it has video that nobody is shown
    bool has_caps = false;
    bool warned = false;  // of frames that cannot be used
    bool ended = false;
    // Any thread.
    std::atomic<bool> ignored{false};  // it says that it is for other outputs
    std::atomic<bool> refused{false};  // browsers cannot show it
};

#define MILL_TYPE_WHEP_SINK_PAD (mill_whep_sink_pad_get_type())

}  // namespace millrace::webrtc

extern "C" GType mill_whep_sink_pad_get_type();

namespace millrace::webrtc {

WhepPadState& state_of(GstPad* pad);

// What the pad's rendition is called, by its properties or else by its stream. Its streaming thread.
TrackOptions track_options(GstPad* pad);

}  // namespace millrace::webrtc
