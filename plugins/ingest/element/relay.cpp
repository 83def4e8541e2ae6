// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ingest/element/relay.hpp"

#include <algorithm>
#include <charconv>

#include "common/gst/timeline.hpp"

namespace millrace::ingest {

namespace {

// video_3 is number 3; a pad without a number is the only one of its kind.
unsigned number_of(GstPad* pad) {
    gst::OwnedText name(gst_pad_get_name(pad));
    const std::string text = name.get();
    const auto digits = text.find_last_not_of("0123456789") + 1;
    unsigned number = 0;
    std::from_chars(text.data() + digits, text.data() + text.size(), number);
    return number;
}

std::optional<codec::Kind> kind_of(const GstCaps* caps) {
    if (gst_caps_get_size(caps) == 0) return std::nullopt;
    const std::string name = gst_structure_get_name(gst_caps_get_structure(caps, 0));
    if (name.starts_with("video/")) return codec::Kind::video;
    if (name.starts_with("audio/")) return codec::Kind::audio;
    return std::nullopt;
}

}  // namespace

Relay::Relay(gst::TrackPads& pads, gst::Progress& progress, std::function<void()> exhausted)
    : pads_(pads), progress_(progress), exhausted_(std::move(exhausted)) {}

Relay::~Relay() {
    Lock lock(mutex_);
    for (const auto& track : tracks_) gst_pad_set_active(track->pad.get(), FALSE);
}

// ---- tracks ---------------------------------------------------------------------------------------------------------

void Relay::add(GstPad* of_source) {
    auto owned = std::make_unique<Track>();
    Track& track = *owned;
    track.relay = this;
    track.number = number_of(of_source);
    // By a template: without one, a pad that has caps takes no others.
    auto any = gst::adopt(gst_caps_new_any());
    auto templ = gst::share(gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, any.get()));
    track.pad = gst::share(gst_pad_new_from_template(templ.get(), nullptr));
    gst_segment_init(&track.segment, GST_FORMAT_UNDEFINED);
    gst_pad_set_element_private(track.pad.get(), &track);
    gst_pad_set_chain_function(track.pad.get(), chain);
    gst_pad_set_event_function(track.pad.get(), event);
    gst_pad_set_active(track.pad.get(), TRUE);
    {
        Lock lock(mutex_);
        tracks_.push_back(std::move(owned));
    }
    // What is known already opens the element's pad now, as the source opened its own: in its order, and before it says
    // that there are no more.
    gst_pad_sticky_events_foreach(
        of_source,
        [](GstPad*, GstEvent** event, gpointer track) -> gboolean {
            if (*event) static_cast<Track*>(track)->relay->learn(*static_cast<Track*>(track), *event);
            return TRUE;
        },
        &track);
    gst_pad_link(of_source, track.pad.get());
}

void Relay::all_added() {
    {
        Lock lock(mutex_);
        all_added_ = true;
    }
    tell_when_all_known();
}

void Relay::tell_when_all_known() {
    {
        Lock lock(mutex_);
        if (!all_added_ || settled_ < tracks_.size()) return;
        all_added_ = false;
    }
    pads_.all_known();
}

void Relay::set_caps(Track& track, GstCaps* caps) {
    track.kind = kind_of(caps);
    const bool fresh = !std::exchange(track.settled, true);
    {
        Lock lock(mutex_);
        if (fresh) ++settled_;
        if (track.kind) known_[{*track.kind, track.number}] = track.pad;
    }
    if (track.kind) pads_.set_caps(*track.kind, track.number, gst::share(caps), track.rendition);
    if (fresh) tell_when_all_known();
}

// ---- what comes from the source -------------------------------------------------------------------------------------

void Relay::learn(Track& track, GstEvent* event) {
    GstCaps* caps = nullptr;
    switch (GST_EVENT_TYPE(event)) {
        case GST_EVENT_STREAM_START:
            track.rendition = gst::rendition_of(event);
            break;
        case GST_EVENT_CAPS:
            gst_event_parse_caps(event, &caps);
            set_caps(track, caps);
            break;
        case GST_EVENT_SEGMENT:
            gst_event_copy_segment(event, &track.segment);
            break;
        default:
            break;
    }
}

gboolean Relay::event(GstPad* pad, GstObject*, GstEvent* raw) {
    auto event = gst::adopt(raw);
    auto& track = *static_cast<Track*>(gst_pad_get_element_private(pad));
    switch (GST_EVENT_TYPE(raw)) {
        case GST_EVENT_EOS:
            track.relay->exhausted_();
            break;
        case GST_EVENT_TAG:
        case GST_EVENT_CUSTOM_DOWNSTREAM:
            if (track.kind) track.relay->pads_.push_event(*track.kind, track.number, event.release());
            break;
        default:
            track.relay->learn(track, raw);
    }
    return TRUE;
}

GstFlowReturn Relay::chain(GstPad* pad, GstObject*, GstBuffer* buffer) {
    auto& track = *static_cast<Track*>(gst_pad_get_element_private(pad));
    return track.relay->push(track, gst::adopt(buffer));
}

GstFlowReturn Relay::push(Track& track, gst::Ref<GstBuffer> buffer) {
    if (!track.kind) return GST_FLOW_NOT_LINKED;
    auto frame = gst::adopt(gst_buffer_make_writable(buffer.release()));
    place(track, frame.get());
    return pads_.push(*track.kind, track.number, std::move(frame));
}

// The source's running time is the element's: both run on the pipeline's clock, from the same base.
void Relay::place(const Track& track, GstBuffer* buffer) {
    auto running = [&](GstClockTime time) -> std::optional<Duration> {
        if (!GST_CLOCK_TIME_IS_VALID(time)) return std::nullopt;
        if (track.segment.format != GST_FORMAT_TIME) return Duration(static_cast<std::int64_t>(time));
        return gst::running_time(track.segment, time);
    };
    const auto dts = running(GST_BUFFER_DTS(buffer));
    const auto pts = running(GST_BUFFER_PTS(buffer));
    const auto first = dts ? dts : pts;
    if (!first) return;
    const Duration shift = shift_from(*first);
    auto placed = [&](const std::optional<Duration>& time) -> GstClockTime {
        if (!time) return GST_CLOCK_TIME_NONE;
        return static_cast<GstClockTime>(std::max<std::int64_t>((*time + shift).count(), 0));
    };
    GST_BUFFER_DTS(buffer) = placed(dts);
    GST_BUFFER_PTS(buffer) = placed(pts);
    progress_.reached(*first + shift);
}

// One for all tracks: they keep their distance.
Duration Relay::shift_from(Duration first) {
    Lock lock(mutex_);
    if (!shift_) shift_ = progress_.lag_of(first);
    return *shift_;
}

// ---- what comes from downstream -------------------------------------------------------------------------------------

bool Relay::pass_upstream(codec::Kind kind, unsigned number, GstEvent* event) {
    gst::Ref<GstPad> pad;
    {
        Lock lock(mutex_);
        auto found = known_.find({kind, number});
        if (found == known_.end()) return false;
        pad = found->second;
    }
    return gst_pad_push_event(pad.get(), gst_event_ref(event));
}

}  // namespace millrace::ingest
