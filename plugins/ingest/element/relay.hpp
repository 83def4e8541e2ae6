// SPDX-License-Identifier: LGPL-2.1-or-later
// From the pads of the source that has the publisher to those of the element, which outlive it: what a source says of
// itself ends here, what it says of its tracks goes on.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/codec/track_format.hpp"
#include "common/gst/progress.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/rendition.hpp"
#include "common/gst/track_pads.hpp"

namespace millrace::ingest {

// Of one source. Its tracks may come on a thread each.
class Relay {
  public:
    Relay(gst::TrackPads& pads, gst::Progress& progress, std::function<void()> exhausted);
    ~Relay();  // when the source has been stopped
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    void add(GstPad* of_source);
    void all_added();
    // Hands an event from downstream of a track to the source; false when it does not take it.
    bool pass_upstream(codec::Kind kind, unsigned number, GstEvent* event);

  private:
    struct Track {
        Relay* relay;
        gst::Ref<GstPad> pad;  // a sink of nobody's
        unsigned number;
        // Of its streaming thread.
        bool settled = false;
        std::optional<codec::Kind> kind;  // of its caps; none for what is neither video nor audio
        std::optional<gst::Rendition> rendition;
        GstSegment segment;
    };

    static GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer);
    static gboolean event(GstPad* pad, GstObject* parent, GstEvent* event);

    void learn(Track& track, GstEvent* event);
    void set_caps(Track& track, GstCaps* caps);
    void tell_when_all_known();
    GstFlowReturn push(Track& track, gst::Ref<GstBuffer> buffer);
    void place(const Track& track, GstBuffer* buffer);
    Duration shift_from(Duration first);

    gst::TrackPads& pads_;
    gst::Progress& progress_;
    const std::function<void()> exhausted_;
    Mutex mutex_;
    std::vector<std::unique_ptr<Track>> tracks_ GUARDED_BY(mutex_);
    std::map<std::pair<codec::Kind, unsigned>, gst::Ref<GstPad>> known_ GUARDED_BY(mutex_);
    std::size_t settled_ GUARDED_BY(mutex_) = 0;  // tracks whose caps came
    bool all_added_ GUARDED_BY(mutex_) = false;
    std::optional<Duration> shift_ GUARDED_BY(mutex_);  // from the source's running time to the stream's
};

}  // namespace millrace::ingest
