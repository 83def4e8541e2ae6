// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/pad_opening.hpp"

#include <algorithm>
#include <utility>

namespace millrace::webrtc {

void PadOpening::begin(const ReceptionTerms& terms) {
    Lock lock(mutex_);
    tracks_.clear();
    first_frame_.reset();
    unsigned videos = 0;
    unsigned audios = 0;
    std::vector<std::pair<codec::Kind, unsigned>> keys;
    for (const IncomingTrack& of : terms.tracks) {
        Track track;
        track.name.kind = of.video ? codec::Kind::video : codec::Kind::audio;
        track.name.number = of.video ? videos++ : audios++;
        track.name.layer = of.rid;
        keys.emplace_back(track.name.kind, track.name.number);
        tracks_.push_back(std::move(track));
    }
    keys_.with([&](auto& all) { all = std::move(keys); });
}

// Nothing is held while downstream is told: it may be slow to take it, and the other tracks are to go on.
void PadOpening::format(std::size_t index, const gst::Ref<GstCaps>& caps) {
    Name name;
    {
        Lock lock(mutex_);
        Track& track = tracks_[index];
        track.caps = caps;
        if (!open_) return;
        name = track.name;
    }
    set_caps(name, caps);
}

void PadOpening::set_caps(const Name& name, const gst::Ref<GstCaps>& caps) {
    std::optional<gst::Rendition> rendition;
    if (!name.layer.empty()) {
        rendition.emplace();
        rendition->name = name.layer;
    }
    pads_.set_caps(name.kind, name.number, caps, rendition);
}

// Of a layer that nobody can wait for, the beginning is not worth more than what comes.
void PadOpening::keep(Track& track, gst::Ref<GstBuffer> frame) {
    const bool key = !GST_BUFFER_FLAG_IS_SET(frame.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    if (track.early_bytes > kMostWaiting) {
        if (!key) return;
        track.early.clear();
        track.early_bytes = 0;
    }
    track.early_bytes += gst_buffer_get_size(frame.get());
    track.early.push_back(std::move(frame));
}

bool PadOpening::may_open(TimePoint now) const {
    const bool complete = std::ranges::all_of(tracks_, [](const Track& track) { return !track.early.empty(); });
    return complete || (first_frame_ && now - *first_frame_ >= kPatience);
}

// Under the lock: pads that are new have nobody to wait for. Video first: who links in the order of appearance gets it
// as the leading track.
void PadOpening::open() {
    open_ = true;
    for (codec::Kind kind : {codec::Kind::video, codec::Kind::audio})
        for (const Track& track : tracks_)
            if (track.name.kind == kind && track.caps) set_caps(track.name, track.caps);
    pads_.all_known();
}

GstFlowReturn PadOpening::frame(std::size_t index, gst::Ref<GstBuffer> frame, TimePoint now) {
    std::vector<gst::Ref<GstBuffer>> frames;
    codec::Kind kind{};
    unsigned number = 0;
    {
        Lock lock(mutex_);
        Track& track = tracks_[index];
        if (!first_frame_) first_frame_ = now;
        keep(track, std::move(frame));
        if (!open_ && may_open(now)) open();
        if (!open_) return GST_FLOW_OK;
        frames = std::exchange(track.early, {});
        track.early_bytes = 0;
        kind = track.name.kind;
        number = track.name.number;
    }
    GstFlowReturn flow = GST_FLOW_OK;
    for (auto& each : frames)
        if (flow == GST_FLOW_OK) flow = pads_.push(kind, number, std::move(each));
    return flow;
}

std::optional<std::size_t> PadOpening::track_of(codec::Kind kind, unsigned number) {
    return keys_.with([&](const auto& keys) -> std::optional<std::size_t> {
        const auto found = std::ranges::find(keys, std::pair(kind, number));
        if (found == keys.end()) return {};
        return static_cast<std::size_t>(found - keys.begin());
    });
}

}  // namespace millrace::webrtc
