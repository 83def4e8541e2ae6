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
        track.kind = of.video ? codec::Kind::video : codec::Kind::audio;
        track.number = of.video ? videos++ : audios++;
        track.layer = of.rid;
        keys.emplace_back(track.kind, track.number);
        tracks_.push_back(std::move(track));
    }
    keys_.with([&](auto& all) { all = std::move(keys); });
}

void PadOpening::format(std::size_t track, const gst::Ref<GstCaps>& caps) {
    Track now;
    {
        Lock lock(mutex_);
        tracks_[track].caps = caps;
        if (!open_) return;
        now = {
            .kind = tracks_[track].kind, .number = tracks_[track].number, .layer = tracks_[track].layer, .caps = caps};
    }
    set_caps(now);
}

void PadOpening::set_caps(const Track& track) {
    std::optional<gst::Rendition> rendition;
    if (!track.layer.empty()) {
        rendition.emplace();
        rendition->name = track.layer;
    }
    pads_.set_caps(track.kind, track.number, track.caps, rendition);
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

// Video first: who links in the order of appearance gets it as the leading track.
void PadOpening::open() {
    open_ = true;
    for (codec::Kind kind : {codec::Kind::video, codec::Kind::audio})
        for (const Track& track : tracks_)
            if (track.kind == kind && track.caps) set_caps(track);
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
        kind = track.kind;
        number = track.number;
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
