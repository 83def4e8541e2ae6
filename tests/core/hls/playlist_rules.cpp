// SPDX-License-Identifier: LGPL-2.1-or-later
// The rules, a line each.
#include "tests/core/hls/playlist_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "hls/core/media_playlist.hpp"
#include "tests/support/sanitized.hpp"

namespace millrace::test {

std::int64_t duration_of(const std::vector<ReadPart>& parts) {
    std::int64_t sum = 0;
    for (const ReadPart& part : parts) sum += part.duration;
    return sum;
}

namespace {

// PART-2, PART-3.
void expect_legal_parts(const ReadPlaylist& list, const ReadSegment& segment, bool finished) {
    for (std::size_t i = 0; i < segment.parts.size(); ++i) {
        const ReadPart& part = segment.parts[i];
        EXPECT_LE(part.duration, list.part_target) << part.uri;
        EXPECT_GT(part.duration, 0) << part.uri;
        const bool last = i + 1 == segment.parts.size();
        const bool exempt = part.independent || part.gap || (last && finished) || (!last && segment.parts[i + 1].gap);
        if (exempt || last) continue;
        EXPECT_GE(part.duration * 100, list.part_target * 85) << part.uri << " of " << list.part_target;
    }
}

}  // namespace

void expect_legal(const ReadPlaylist& list, bool plain) {
    EXPECT_EQ(list.version, list.skipped > 0 ? 9 : 6);
    const std::int64_t target = list.target_duration * 100000;
    if (!plain) {
        EXPECT_TRUE(list.can_block_reload);
        EXPECT_EQ(list.part_hold_back, 3 * list.part_target);                        // SC-2
        EXPECT_EQ(list.hold_back, 3 * target);                                       // SC-3
        EXPECT_TRUE(list.can_skip_until == 0 || list.can_skip_until == 6 * target);  // SC-4
        EXPECT_EQ(list.hinted_part.empty(), list.ended);                             // HINT-1, MP-17
    }
    for (const ReadSegment& segment : list.segments) {
        EXPECT_LT(segment.duration, target + 50000) << segment.uri;  // MP-1
        EXPECT_GT(segment.duration, 0) << segment.uri;
        EXPECT_EQ(segment.uri, "s" + std::to_string(segment.msn) + ".m4s");  // MP-4, SYN-9
        EXPECT_NE(segment.date, -1) << segment.uri;                          // MP-8
        if (segment.parts.empty()) continue;
        const auto error = std::abs(duration_of(segment.parts) - segment.duration);  // MP-6, each rounded to 1/100000 s
        EXPECT_LE(error, static_cast<std::int64_t>(segment.parts.size())) << segment.uri;
        const bool all_gap =
            std::all_of(segment.parts.begin(), segment.parts.end(), [](const auto& p) { return p.gap; });
        EXPECT_EQ(segment.gap, all_gap) << segment.uri;  // G-3
        expect_legal_parts(list, segment, true);
    }
    if (list.open) expect_legal_parts(list, *list.open, false);
    for (std::size_t i = 1; i < list.segments.size(); ++i) {
        const ReadSegment& before = list.segments[i - 1];
        const ReadSegment& segment = list.segments[i];
        const std::int64_t step = segment.date - before.date - before.duration / 100;
        if (segment.discontinuity) {
            EXPECT_GE(step, -1) << segment.uri;  // MP-9
        } else {
            EXPECT_LE(std::abs(step), 2) << segment.uri;
            EXPECT_EQ(segment.map, before.map) << segment.uri;  // MP-10
        }
    }
}

void expect_alike(const ReadPlaylist& a, const ReadPlaylist& b) {
    EXPECT_EQ(a.target_duration, b.target_duration);
    EXPECT_EQ(a.part_target, b.part_target);
    EXPECT_EQ(a.can_skip_until, b.can_skip_until);
    for (const ReadSegment& segment : a.segments) {
        if (segment.msn < b.media_sequence || segment.msn - b.media_sequence >= b.segments.size()) continue;
        const ReadSegment& same = b.segments[segment.msn - b.media_sequence];
        EXPECT_EQ(segment.discontinuity, same.discontinuity) << segment.uri;
    }
}

void expect_legal_change(const ReadPlaylist& before, const ReadPlaylist& after) {
    EXPECT_EQ(after.target_duration, before.target_duration);
    EXPECT_EQ(after.part_target, before.part_target);
    EXPECT_EQ(after.can_skip_until, before.can_skip_until);
    ASSERT_GE(after.media_sequence, before.media_sequence);
    EXPECT_TRUE(after.ended || !before.ended);

    std::vector<ReadSegment> old = before.segments;
    if (before.open) old.push_back(*before.open);
    std::vector<ReadSegment> now = after.segments;
    if (after.open) now.push_back(*after.open);

    const std::uint64_t removed = after.media_sequence - before.media_sequence;
    ASSERT_LE(removed, old.size());
    std::uint64_t discontinuities = before.discontinuity_sequence;
    for (std::uint64_t i = 0; i < removed; ++i) discontinuities += old[i].discontinuity ? 1 : 0;
    if (!old.empty()) {
        EXPECT_EQ(after.discontinuity_sequence, discontinuities);  // MP-11
    }

    for (std::size_t i = removed; i < old.size(); ++i) {
        ASSERT_LT(i - removed, now.size());
        const ReadSegment& then = old[i];
        const ReadSegment& same = now[i - removed];
        EXPECT_EQ(same.msn, then.msn);
        EXPECT_EQ(same.date, then.date);
        EXPECT_EQ(same.discontinuity, then.discontinuity);
        EXPECT_EQ(same.map, then.map);
        if (!then.uri.empty()) {
            EXPECT_EQ(same.uri, then.uri);
            EXPECT_EQ(same.duration, then.duration);
        }
        if (same.parts.empty()) continue;  // left the playlist, all at once (PART-10)
        ASSERT_GE(same.parts.size(), then.parts.size());
        for (std::size_t p = 0; p < then.parts.size(); ++p) EXPECT_EQ(same.parts[p], then.parts[p]);
    }
}

void Publications::check(const std::shared_ptr<const hls::Snapshot>& next) {
    if (next == last_) return;
    last_ = next;
    if (++published_ % kEvery != 0) return;
    read_.resize(next->renditions.size());
    for (std::size_t i = 0; i < next->renditions.size(); ++i) {
        const hls::RenditionSnapshot& rendition = next->renditions[i];
        if (!rendition.listed) continue;
        SCOPED_TRACE(rendition.name);
        ReadPlaylist list = read_media_playlist(rendition.full.plain.text());
        expect_legal(list);
        EXPECT_EQ(rendition.full.plain.text(), hls::media_playlist(*next, rendition, hls::Form::full));
        if (read_[i] && !kSanitized) expect_legal_change(*read_[i], list);  // of neighbours only
        read_[i] = std::move(list);
    }
    if (read_.size() > 1 && read_[0] && read_[1]) expect_alike(*read_[0], *read_[1]);
}

}  // namespace millrace::test
