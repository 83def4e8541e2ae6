// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/snapshot.hpp"

#include <algorithm>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

bool Segment::gap() const {
    return !parts.empty() && std::all_of(parts.begin(), parts.end(), [](const auto& part) { return part->gap; });
}

std::size_t Segment::bytes() const {
    std::size_t sum = 0;
    for (const auto& part : parts) sum += part->head.size() + part->payload.size();
    return sum;
}

Duration Segment::length() const {
    return duration_of(duration, timescale);
}

std::vector<Blob> Segment::blobs() const {
    std::vector<Blob> list;
    list.reserve(2 * parts.size());
    for (const auto& part : parts) {
        if (part->gap) continue;
        list.push_back(part->head);
        list.push_back(part->payload);
    }
    return list;
}

const Segment* RenditionSnapshot::segment(std::uint64_t msn) const {
    if (segments.empty() || msn < segments.front()->msn || msn > segments.back()->msn) return nullptr;
    return segments[msn - segments.front()->msn].get();
}

const Part* RenditionSnapshot::part(std::uint64_t number) const {
    const auto starts_after = [](std::uint64_t wanted, const auto& segment) {
        return wanted < segment->parts[0]->number;
    };
    const Segment* parent = nullptr;
    if (open && !open->parts.empty() && number >= open->parts[0]->number) {
        parent = open.get();
    } else {
        const auto after = std::upper_bound(segments.begin(), segments.end(), number, starts_after);
        if (after == segments.begin()) return nullptr;
        parent = (after - 1)->get();
    }
    const std::uint64_t index = number - parent->parts[0]->number;
    return index < parent->parts.size() ? parent->parts[index].get() : nullptr;
}

const Init* RenditionSnapshot::init(std::uint64_t number) const {
    for (const auto& init : inits) {
        if (init->number == number) return init.get();
    }
    return nullptr;
}

Position RenditionSnapshot::last() const {
    if (open && !open->parts.empty()) return {open->msn, static_cast<std::int64_t>(open->parts.size()) - 1};
    if (segments.empty()) return {open ? open->msn : 0, -1};
    return {segments.back()->msn, static_cast<std::int64_t>(segments.back()->parts.size()) - 1};
}

const RenditionSnapshot* Snapshot::find(std::string_view name) const {
    for (const auto& rendition : renditions) {
        if (rendition.name == name && !name.empty()) return &rendition;
    }
    return nullptr;
}

std::string init_name(std::uint64_t number) {
    return "init-" + std::to_string(number) + ".mp4";
}
std::string segment_name(std::uint64_t msn) {
    return "s" + std::to_string(msn) + ".m4s";
}
std::string part_name(std::uint64_t number) {
    return "p" + std::to_string(number) + ".m4s";
}

}  // namespace millrace::hls
