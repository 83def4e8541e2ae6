// SPDX-License-Identifier: LGPL-2.1-or-later
// A source's pads, video_%u and audio_%u: one a track, with its caps, segment and buffers. Knows nothing of where they
// come from or of who publishes.
#pragma once

#include <gst/base/gstflowcombiner.h>
#include <gst/gst.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/thread.hpp"
#include "common/codec/track_format.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/rendition.hpp"

namespace millrace::gst {

// Any thread, but only one at a time for each track. Nothing is held while pushing.
class TrackPads {
  public:
    // An event that came from downstream to a track's pad, on any thread: true when it is dealt with. The event stays
    // the caller's. Not called any more once remove() returns, which must not be called from it.
    using Upstream = std::function<bool(codec::Kind kind, unsigned number, GstEvent* event)>;
    // Of those only the wish for a key frame.
    static Upstream key_frames_wanted(std::function<void(codec::Kind kind, unsigned number)> wanted);

    explicit TrackPads(GstElement* element, Upstream upstream = {});
    ~TrackPads();
    TrackPads(const TrackPads&) = delete;
    TrackPads& operator=(const TrackPads&) = delete;

    [[nodiscard]] bool any() const;

    // A new pad, or new caps on the one there is. `rendition` is said when the pad begins.
    void set_caps(codec::Kind kind, unsigned number, const Ref<GstCaps>& caps,
                  const std::optional<Rendition>& rendition = {});
    void all_known() { gst_element_no_more_pads(element_); }

    // Another publisher continues the stream from here: its first frame is a discontinuity on every pad.
    void interrupted();

    // Pushes one frame, whose times are running time. NOT_LINKED only when nobody listens on any pad; OK for a track
    // without a pad.
    GstFlowReturn push(codec::Kind kind, unsigned number, Ref<GstBuffer> buffer);
    // Takes the event.
    void push_event(codec::Kind kind, unsigned number, GstEvent* event);

    void end_of_stream() { push_to_all(gst_event_new_eos()); }
    void remove();  // not while push() runs

  private:
    class Doorway;
    struct Pad {
        Ref<GstPad> pad;
        bool discontinuity = true;
    };
    using Key = std::pair<codec::Kind, unsigned>;

    Ref<GstPad> begin(Key key, const std::optional<Rendition>& rendition);
    [[nodiscard]] Ref<GstPad> find(Key key) const;
    [[nodiscard]] std::vector<Ref<GstPad>> all() const;
    void push_to_all(GstEvent* event);  // takes the event

    GstElement* const element_;
    const guint group_ = gst_util_group_id_next();
    const std::shared_ptr<Doorway> doorway_;
    mutable Mutex mutex_;
    std::map<Key, Pad> pads_ GUARDED_BY(mutex_);
    Owned<GstFlowCombiner, gst_flow_combiner_free> flows_ GUARDED_BY(mutex_);
};

}  // namespace millrace::gst
