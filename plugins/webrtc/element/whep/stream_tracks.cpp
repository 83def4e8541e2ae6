// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whep/stream_tracks.hpp"

#include <algorithm>
#include <utility>

namespace millrace::webrtc {

namespace {

constexpr Duration kFirstTrackWithin = 3s;
constexpr Duration kOtherTrackWithin = 1s;  // of the first

}  // namespace

void StreamTracks::expect(TrackId id, TimePoint now) {
    tracks_[id].expected = true;
    if (!has_begun()) known_by_ = now + kFirstTrackWithin;
    // It takes the place of what cannot be shown.
    if (has_begun() && !shows(kind_of(id))) known_by_ = std::max(known_by_, now + kOtherTrackWithin);
}

void StreamTracks::set(TrackId id, const StreamFormat& format, TimePoint now) {
    if (!has_begun()) known_by_ = now + kOtherTrackWithin;
    tracks_[id].format = format;
    tracks_[id].refused.reset();
}

void StreamTracks::await_video(TimePoint now) {
    constexpr Duration kIsMadeWithin = 5s;  // an encoder is started, and has its first frame
    video_made_by_ = now + kIsMadeWithin;
}

void StreamTracks::refuse(TrackId id, const Error& why) {
    tracks_[id].format.reset();
    tracks_[id].refused = why;
}

void StreamTracks::clear(TrackId id) {
    tracks_[id] = {};
}

bool StreamTracks::shows(codec::Kind kind) const {
    for (TrackId id = 0; id < kMostTracks; ++id)
        if (kind_of(id) == kind && tracks_[id].format) return true;
    return false;
}

bool StreamTracks::has_encoding(const StreamFormat& format) const {
    return std::ranges::any_of(
        tracks_, [&](const Track& track) { return track.format && same_encoding(*track.format, format); });
}

bool StreamTracks::has_a_choice() const {
    return std::ranges::count_if(tracks_.begin(), tracks_.begin() + kMostRungs, [](const Track& track) {
               return track.format || (track.expected && !track.refused);
           }) > 1;
}

bool StreamTracks::is_starting(TimePoint now) const {
    if (now < video_made_by_ && !shows(codec::Kind::video)) return true;
    return now < known_by_ && !std::ranges::all_of(tracks_, &Track::is_known);
}

const Error* StreamTracks::refusal_of(codec::Kind kind) const {
    const Error* found = nullptr;
    for (TrackId id = 0; id < kMostTracks; ++id) {
        const Track& track = tracks_[id];
        if (kind_of(id) != kind) continue;
        if (!track.is_known()) return nullptr;
        if (found == nullptr && track.refused) found = &*track.refused;
    }
    return shows(kind) ? nullptr : found;
}

const Error* StreamTracks::refusal() const {
    const Error* of_video = refusal_of(codec::Kind::video);
    return of_video != nullptr ? of_video : refusal_of(codec::Kind::audio);
}

Streams StreamTracks::streams() const {
    std::vector<std::vector<StreamFormat>> encodings;
    for (RungId id = 0; id < kMostRungs; ++id) {
        const auto& format = tracks_[id].format;
        if (!format) continue;
        auto known = std::ranges::find_if(encodings, [&](const auto& all) { return same_encoding(all[0], *format); });
        if (known == encodings.end()) known = encodings.emplace(encodings.end());
        known->push_back(*format);
    }
    Streams streams{.video = {}, .audio = tracks_[kSound].format};
    for (const auto& all : encodings) {
        if (!streams.video)
            streams.video = most_demanding(all);
        else
            streams.other_videos.push_back(most_demanding(all));
    }
    return streams;
}

std::vector<RenditionName> StreamTracks::renditions() const {
    std::vector<RenditionName> names;
    for (RungId id = 0; id < kMostRungs; ++id)
        if (tracks_[id].format) names.push_back({tracks_[id].options.name, tracks_[id].options.bitrate});
    return names;
}

std::optional<RungId> StreamTracks::named(std::string_view rendition) const {
    for (RungId id = 0; id < kMostRungs; ++id)
        if (tracks_[id].format && tracks_[id].options.name == rendition) return id;
    return std::nullopt;
}

}  // namespace millrace::webrtc
