// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/directory_plan.hpp"

#include <utility>

#include "hls/core/media_playlist.hpp"

namespace millrace::hls {

namespace {

std::string in(const RenditionSnapshot& rendition, std::string_view name) {
    return rendition.name + "/" + std::string(name);
}

// Nothing that a plain playlist shows has changed.
bool same(const RenditionSnapshot* before, const RenditionSnapshot& now) {
    if (!before || before->first_listed != now.first_listed || before->segments.size() != now.segments.size())
        return false;
    return now.segments.empty() || before->segments.back() == now.segments.back();
}

void add_media(DirectoryPlan& plan, const RenditionSnapshot* before, const RenditionSnapshot& now) {
    for (const auto& init : now.inits) {
        if (!before || !before->init(init->number))
            plan.writes.push_back({in(now, init_name(init->number)), {init->bytes}});
    }
    for (const auto& segment : now.segments) {
        if (segment->gap() || (before && before->segment(segment->msn))) continue;
        plan.writes.push_back({in(now, segment_name(segment->msn)), segment->blobs()});
    }
}

void remove_media(DirectoryPlan& plan, const RenditionSnapshot& before, const RenditionSnapshot& now) {
    for (const auto& segment : before.segments) {
        if (!segment->gap() && !now.segment(segment->msn)) plan.removals.push_back(in(now, segment_name(segment->msn)));
    }
    for (const auto& init : before.inits) {
        if (!now.init(init->number)) plan.removals.push_back(in(now, init_name(init->number)));
    }
}

}  // namespace

DirectoryPlan directory_plan(const Snapshot* before, const Snapshot& now) {
    DirectoryPlan plan;
    if (!now.published) return plan;
    const bool ending = now.ended && !(before && before->ended);
    for (const RenditionSnapshot& rendition : now.renditions) {
        const RenditionSnapshot* old = before && before->published ? before->find(rendition.name) : nullptr;
        if (!rendition.listed || (same(old, rendition) && !ending)) continue;
        add_media(plan, old, rendition);
        plan.writes.push_back({in(rendition, kMediaPlaylist), {Blob::of(media_playlist(now, rendition, Form::plain))}});
        if (old) remove_media(plan, *old, rendition);
    }
    const bool fresh = !before || !before->published;
    if (fresh || before->multivariant.plain.view().data() != now.multivariant.plain.view().data()) {
        plan.writes.push_back({now.promises.playlist_name, {now.multivariant.plain}});
    }
    return plan;
}

}  // namespace millrace::hls
