// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/directory_plan.hpp"

#include "hls/core/media_playlist.hpp"

namespace millrace::hls {

namespace {

const RenditionSnapshot* same_rendition(const Snapshot* snapshot, std::size_t index) {
    return snapshot && index < snapshot->renditions.size() ? &snapshot->renditions[index] : nullptr;
}

// A plain playlist that names no segment yet would tell a player nothing.
bool on_disk(const RenditionSnapshot& rendition) {
    return rendition.listed && rendition.first_listed < rendition.segments.size();
}

class RenditionPlan {
  public:
    RenditionPlan(const RenditionSnapshot* written, const RenditionSnapshot& next, DirectoryPlan& plan)
        : written_(written), next_(next), folder_(next.name + "/"), plan_(plan) {}

    // True when the playlist has changed and must follow.
    bool media() {
        for (const auto& init : next_.inits) {
            if (!written_ || !written_->init(init->number)) write(init_name(init->number), {init->bytes});
        }
        bool changed = false;
        for (const auto& segment : next_.segments) {
            if (written_ && written_->segment(segment->msn)) continue;
            changed = true;
            if (!segment->gap()) write(segment_name(segment->msn), segment->blobs());
        }
        return changed;
    }

    void removals() {
        if (!written_) return;
        for (const auto& segment : written_->segments) {
            if (!next_.segment(segment->msn) && !segment->gap()) remove(segment_name(segment->msn));
        }
        for (const auto& init : written_->inits) {
            if (!next_.init(init->number)) remove(init_name(init->number));
        }
    }

    void playlist(const Snapshot& snapshot) {
        write(std::string(kMediaPlaylist), {Blob::of(media_playlist(snapshot, next_, Form::plain))});
    }

  private:
    void write(std::string name, std::vector<Blob> content) {
        plan_.writes.push_back({folder_ + std::move(name), std::move(content)});
    }
    void remove(std::string name) { plan_.removals.push_back(folder_ + std::move(name)); }

    const RenditionSnapshot* written_;
    const RenditionSnapshot& next_;
    std::string folder_;
    DirectoryPlan& plan_;
};

}  // namespace

DirectoryPlan plan_directory(const Snapshot* written, const Snapshot& next) {
    DirectoryPlan plan;
    if (!next.published) return plan;
    const bool ends_now = next.ended && !(written && written->ended);
    for (std::size_t i = 0; i < next.renditions.size(); ++i) {
        if (!on_disk(next.renditions[i])) continue;
        RenditionPlan rendition(same_rendition(written, i), next.renditions[i], plan);
        if (rendition.media() || ends_now) rendition.playlist(next);
        rendition.removals();
    }
    const bool names_changed = !written || written->multivariant.plain.text() != next.multivariant.plain.text();
    if (names_changed) plan.writes.push_back({next.promises.playlist_name, {next.multivariant.plain}});
    return plan;
}

}  // namespace millrace::hls
