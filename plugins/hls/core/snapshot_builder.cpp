// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/snapshot_builder.hpp"

#include <utility>

#include "common/codec/codec_table.hpp"
#include "hls/core/gzip.hpp"

namespace millrace::hls {

namespace {

RenditionSnapshot named(const TrackInput& track) {
    RenditionSnapshot rendition;
    if (!track.withdrawn()) rendition.name = track.options().name;
    rendition.kind = track.kind();
    rendition.open = std::make_shared<const Segment>();
    return rendition;
}

Variant variant_of(const TrackInput& track, const TrackLine& line) {
    const codec::TrackFormat& format = line.format();
    return {.name = track.options().name,
            .kind = track.kind(),
            .codecs = codec::codecs_string(format).value_or(""),
            .bit_rate = line.rendition().bit_rate(),
            .width = format.width,
            .height = format.height,
            .frame_rate = line.frame_rate(),
            .channels = format.channels,
            .language = track.options().language};
}

}  // namespace

std::shared_ptr<const Snapshot> SnapshotBuilder::unpublished(const Settings& settings,
                                                             const std::vector<TrackInput>& tracks) const {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->promises.playlist_name = settings.playlist_name;
    for (const TrackInput& track : tracks) snapshot->renditions.push_back(named(track));
    return snapshot;
}

std::shared_ptr<const Snapshot> SnapshotBuilder::published(const Packager& packager,
                                                           const std::vector<TrackInput>& tracks, bool ended) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->published = true;
    snapshot->ended = ended;
    snapshot->promises = packager.promises();
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        RenditionSnapshot rendition = named(tracks[i]);
        if (const TrackLine* line = packager.line(i); line && line->started()) {
            line->rendition().fill(rendition);
            rendition.listed = rendition.last().part >= 0;
        }
        snapshot->renditions.push_back(std::move(rendition));
    }
    // Reports name the other renditions' last parts: only now is everything there to write playlists from.
    presses_.resize(tracks.size());
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        RenditionSnapshot& rendition = snapshot->renditions[i];
        if (!rendition.listed) continue;
        rendition.full = presses_[i].full.render(*snapshot, rendition);
        if (skippable(*snapshot, rendition) > 0) rendition.delta = presses_[i].delta.render(*snapshot, rendition);
    }
    render_multivariant(packager, tracks, *snapshot);
    return snapshot;
}

void SnapshotBuilder::render_multivariant(const Packager& packager, const std::vector<TrackInput>& tracks,
                                          Snapshot& snapshot) {
    std::vector<Variant> variants;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (snapshot.renditions[i].listed) variants.push_back(variant_of(tracks[i], *packager.line(i)));
    }
    std::string text = multivariant_playlist(variants, packager.independent());
    if (text != multivariant_text_) {
        multivariant_ = {Blob::of(text), Blob(Gzip(text).with(""))};
        multivariant_text_ = std::move(text);
    }
    snapshot.multivariant = multivariant_;
}

}  // namespace millrace::hls
