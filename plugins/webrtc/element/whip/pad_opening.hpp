// SPDX-License-Identifier: LGPL-2.1-or-later
// When a source's pads open: once every track that was agreed on has a frame, or those that have one have waited long
// enough. What comes before that waits. Any thread; one at a time for each track.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/gst/track_pads.hpp"
#include "webrtc/core/publisher/reception_terms.hpp"

namespace millrace::webrtc {

class PadOpening {
  public:
    // Layers of simulcast that the network does not allow yet never come.
    static constexpr Duration kPatience = 2s;
    // Of frames that wait: more than a camera sends in that time.
    static constexpr std::size_t kMostWaiting = 16 << 20;  // bytes, a track

    explicit PadOpening(gst::TrackPads& pads) : pads_(pads) {}

    // Another publisher, whose tracks these are; pads that there are stay.
    void begin(const ReceptionTerms& terms);

    void format(std::size_t track, const gst::Ref<GstCaps>& caps);
    GstFlowReturn frame(std::size_t track, gst::Ref<GstBuffer> frame, TimePoint now);

    // Which of the publisher's tracks has this pad; empty when none has.
    [[nodiscard]] std::optional<std::size_t> track_of(codec::Kind kind, unsigned number);

  private:
    struct Name {
        codec::Kind kind{};
        unsigned number = 0;
        std::string layer;  // of simulcast
    };
    struct Track {
        Name name;
        gst::Ref<GstCaps> caps;
        std::vector<gst::Ref<GstBuffer>> early;
        std::size_t early_bytes = 0;
    };

    [[nodiscard]] bool may_open(TimePoint now) const REQUIRES(mutex_);
    void open() REQUIRES(mutex_);
    void set_caps(const Name& name, const gst::Ref<GstCaps>& caps);
    static void keep(Track& track, gst::Ref<GstBuffer> frame);

    gst::TrackPads& pads_;
    // Apart from the rest: who links a pad while it opens may ask for a key frame at once.
    Guarded<std::vector<std::pair<codec::Kind, unsigned>>> keys_;
    Mutex mutex_;
    std::vector<Track> tracks_ GUARDED_BY(mutex_);
    std::optional<TimePoint> first_frame_ GUARDED_BY(mutex_);
    bool open_ GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::webrtc
