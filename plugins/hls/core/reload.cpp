// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/reload.hpp"

#include <algorithm>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

namespace {

std::int64_t parts_published(const Segment& segment) {
    return static_cast<std::int64_t>(segment.parts.size());
}

// DD-7's Advance Part Limit, but never less than the 1.5 target durations a player tunes in by (DD-8, DD-9).
std::int64_t advance_limit(const Promises& promises) {
    const std::int64_t target = promises.part_target;
    const std::int64_t three_seconds = target < kPrinted ? divide_up(3 * kPrinted, target) : 3;
    const std::int64_t tune_in = divide_up(Wide{3} * kPrinted * promises.target_duration, 2 * target);
    return std::max(three_seconds, tune_in);
}

// How many parts the open segment will have, going by the one before it.
std::int64_t expected_parts(const RenditionSnapshot& rendition) {
    const std::int64_t before = rendition.segments.empty() ? 0 : parts_published(*rendition.segments.back());
    return std::max(before, parts_published(*rendition.open));
}

}  // namespace

bool reached(const Snapshot& snapshot, const RenditionSnapshot& rendition, std::uint64_t msn, std::int64_t part) {
    if (snapshot.ended) return true;  // DD-6
    const std::uint64_t open = rendition.open->msn;
    if (part < 0) return msn < open;
    // DD-4: a part that its finished segment never got is part 0 of the next one.
    if (msn < open) {
        const Segment* finished = rendition.segment(msn);
        if (!finished || part < parts_published(*finished)) return true;
        ++msn;
        part = 0;
    }
    return msn < open || (msn == open && part < parts_published(*rendition.open));
}

bool too_far_ahead(const Snapshot& snapshot, const RenditionSnapshot& rendition, std::uint64_t msn, std::int64_t part) {
    const std::uint64_t open = rendition.open->msn;
    if (msn < open) return false;
    if (msn > open + 1) return true;
    if (part < 0) return false;
    const std::int64_t limit = advance_limit(snapshot.promises);
    const std::int64_t last = parts_published(*rendition.open) - 1;
    const std::int64_t base = msn == open ? 0 : expected_parts(rendition);
    return base + part - last > limit;
}

}  // namespace millrace::hls
