// SPDX-License-Identifier: LGPL-2.1-or-later
// The source's pads: one a track, with its caps, segment and buffers. Streaming thread only. Knows nothing of RTMP's
// bytes or of who publishes.
#pragma once

#include <gst/base/gstflowcombiner.h>
#include <gst/gst.h>

#include <map>
#include <optional>
#include <utility>

#include "common/codec/track_format.hpp"
#include "common/gst/ref.hpp"
#include "rtmp/core/event.hpp"
#include "rtmp/core/timeline.hpp"

namespace millrace::rtmp {

class TrackPads {
  public:
    explicit TrackPads(GstElement* element);
    ~TrackPads();
    TrackPads(const TrackPads&) = delete;
    TrackPads& operator=(const TrackPads&) = delete;

    [[nodiscard]] bool any() const { return !pads_.empty(); }

    // Announces the track's format: a new pad, or new caps on the one there is.
    void set_format(codec::Kind kind, unsigned track, const codec::TrackFormat& format);
    void all_known() { gst_element_no_more_pads(element_); }

    // Another publisher continues the stream from here: its first frame is a discontinuity on every pad.
    void interrupted();

    // Pushes one frame at `base` plus its mapped time. NOT_LINKED only when nobody listens on any pad.
    GstFlowReturn push(Media media, const Timeline::Mapped& mapped, Duration base);

    void end_of_stream() { push_event(gst_event_new_eos()); }
    void remove();  // not while push() runs

  private:
    struct Pad {
        gst::Ref<GstPad> pad;
        codec::TrackFormat format;
        bool discontinuity = true;
    };
    using Key = std::pair<codec::Kind, unsigned>;

    Pad& add(Key key);
    void push_event(GstEvent* event);  // to every pad; takes the event
    [[nodiscard]] static GstClockTime duration_of(const codec::TrackFormat& format);

    GstElement* const element_;
    const guint group_ = gst_util_group_id_next();
    std::map<Key, Pad> pads_;
    gst::Owned<GstFlowCombiner, gst_flow_combiner_free> flows_;
};

}  // namespace millrace::rtmp
