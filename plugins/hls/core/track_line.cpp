// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/track_line.hpp"

#include <algorithm>
#include <utility>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

namespace {

constexpr Duration kLongestFrame = 1s;
constexpr Duration kLongestReorder = 10s;
constexpr Duration kSliver = 1ms;    // the least a segment without any media of its own lasts
constexpr Duration kRounding = 2ms;  // of timestamps

}  // namespace

TrackLine::TrackLine(codec::Kind kind, const Promises& promises, std::uint64_t first_number,
                     std::uint64_t declared_bit_rate)
    : kind_(kind), longest_wait_(promises.target() * 5 / 2), rendition_(promises, first_number, declared_bit_rate) {}

Result<> TrackLine::set_format(const codec::TrackFormat& format, Cadence cadence) {
    Track track{.format = format, .timescale = natural_timescale(format)};
    if (track.timescale == 0) return fail(Fault::bad_input, "the format has no sample rate");
    if (auto prepared = rendition_.prepare(std::move(track)); !prepared) return prepared;
    pending_ = Pending{format, cadence};
    return {};
}

codec::Rational TrackLine::frame_rate() const {
    if (!video()) return {};
    return format_.frame_rate.known() ? format_.frame_rate : cadence_.rate;
}

void TrackLine::start(Duration offset) {
    offset_ = offset;
    reorder_ = {};
    started_ = true;
    placed_any_ = away_ = false;
    back_since_.reset();
    if (grid_) grid_->restart();
}

Duration TrackLine::media_time(const Frame& frame) const {
    if (!video()) return frame.dts + offset_;
    return frame.dts + offset_ +
           (placed_any_ ? reorder_ : std::clamp(frame.pts - frame.dts, -kLongestReorder, kLongestReorder));
}

Duration TrackLine::nominal() const {
    return grid_ ? duration_of(grid_->nominal(), rendition_.timescale()) : Duration(0);
}

void TrackLine::begin(const SegmentStart& start, bool continues) {
    if (pending_ && !continues) {
        rendition_.adopt();
        format_ = std::move(pending_->format);
        cadence_ = pending_->cadence;
        pending_.reset();
        grid_.emplace(rendition_.timescale(), kind_, cadence_);
    }
    rendition_.begin_segment(start, continues);
}

Placement TrackLine::place(const Frame& frame) {
    const std::uint32_t timescale = rendition_.timescale();
    Placement placement;
    placement.at = grid_->snap(ticks_of(media_time(frame), timescale));
    placement.nominal = grid_->nominal();
    if (!cadence_.regular && frame.duration > Duration(0)) {
        placement.nominal = ticks_of(std::min<Duration>(frame.duration, kLongestFrame), timescale);
    }
    placement.nominal = std::max<std::int64_t>(placement.nominal, 1);
    if (video()) {
        const Duration offset = std::clamp(frame.pts - frame.dts, -kLongestReorder, kLongestReorder);
        if (!placed_any_) reorder_ = offset;
        placement.composition_offset =
            static_cast<std::int32_t>(grid_->snap_offset(ticks_of(offset - reorder_, timescale)));
    }
    placed_any_ = true;
    return placement;
}

bool TrackLine::is_hole(std::int64_t ticks) const {
    return ticks > std::max(rendition_.limits().longest / 2, grid_->nominal());
}

void TrackLine::make_room(const Placement& placement) {
    if (rendition_.between_parts() || rendition_.part_fits(placement.at, placement.nominal)) return;
    // No shorter than a part must be: what is added here, the next part's first frame has less (PART-3).
    rendition_.close_part(std::max(placement.at, rendition_.part_start() + rendition_.limits().shortest));
}

void TrackLine::append(const Placement& placement, const Frame& frame) {
    rendition_.append(placement, frame, !video() || frame.key);
}

const SegmentStart* TrackLine::next_start(const Timetable& timetable) const {
    return timetable.find(rendition_.in_segment() ? rendition_.msn() + 1 : rendition_.msn());
}

// Audio changes segment at the first frame at or after the boundary (CM-16), video at its key frame there (CM-15).
bool TrackLine::begins_here(const Placement& placement, bool key, std::int64_t boundary) {
    if (!video()) return placement.at >= boundary;
    const std::int64_t half = grid_->nominal() / 2;
    if (key && placement.at >= boundary - half) return true;
    if (placement.at < boundary + half) return false;
    lost_alignment_ = true;
    return true;
}

// Ends at the boundary; audio at the end of the frame that reaches over it, so that it stays within a frame (CM-16).
void TrackLine::finish_segment(std::int64_t boundary, std::int64_t next_frame) {
    const std::int64_t overhang = video() ? 0 : grid_->nominal();
    rendition_.close_part(std::clamp(next_frame, boundary, boundary + overhang));
    const bool missing = boundary - rendition_.end() > ticks_of(kRounding, rendition_.timescale());
    if (missing) rendition_.add_gap(boundary);
    if (rendition_.segment_is_empty()) rendition_.add_gap(rendition_.end() + ticks_of(kSliver, rendition_.timescale()));
    rendition_.end_segment();
}

void TrackLine::follow(const Frame& frame, const Timetable& timetable) {
    if (!placed_any_) {
        const bool before_the_start = media_time(frame) + nominal() / 2 < rendition_.end_time();  // TS-8
        const bool undecodable = video() && !frame.key;
        if (before_the_start || undecodable) return;
    }
    if (video() && (away_ || !placed_any_) && !comes_in(frame, timetable)) return;
    const Placement placement = place(frame);
    while (const SegmentStart* next = next_start(timetable)) {
        const std::int64_t boundary = ticks_of(next->at, rendition_.timescale());
        if (rendition_.in_segment()) {
            if (!begins_here(placement, frame.key, boundary)) break;
            finish_segment(boundary, placement.at);
        }
        begin(*next, !next->discontinuity);
    }
    if (!rendition_.in_segment()) return;
    // Audio that comes after its time was filled is left out; a video frame is needed by the frames that refer to it.
    const bool too_late = placement.at + placement.nominal / 2 < rendition_.end() && rendition_.between_parts();
    if (too_late && !video()) return;
    make_room(placement);
    if (rendition_.between_parts() && is_hole(placement.at - rendition_.end())) rendition_.add_gap(placement.at);
    append(placement, frame);
}

// A video comes in, at first and after an absence, with a key frame that begins a segment: it is where players change
// to it, and what makes every segment independent (CM-15, MV-7). One that has none there for long never will.
bool TrackLine::comes_in(const Frame& frame, const Timetable& timetable) {
    const Duration at = media_time(frame);
    if (!back_since_) back_since_ = at;
    const SegmentStart* start = frame.key ? timetable.at(at, std::max<Duration>(nominal() / 2, kRounding)) : nullptr;
    const bool aligned = start && can_still_begin(*start);
    const bool waited = frame.key && at - *back_since_ > longest_wait_;
    if (!aligned && !waited) {
        if (rendition_.has_parts()) fill_until(at, timetable);
        return false;
    }
    if (aligned) {
        come_in_at(start->at, *start, timetable);
    } else {
        come_in_at(at, timetable.last(), timetable);
        lost_alignment_ = true;
    }
    away_ = false;
    back_since_.reset();
    return true;
}

bool TrackLine::can_still_begin(const SegmentStart& start) const {
    if (!rendition_.in_segment() || start.msn != rendition_.msn()) return start.msn >= rendition_.msn();
    return rendition_.segment_is_empty();
}

// One that nobody has seen anything of begins there; another lacks what it missed.
void TrackLine::come_in_at(Duration at, const SegmentStart& start, const Timetable& timetable) {
    if (rendition_.has_parts()) {
        fill_until(at, timetable);
    } else if (start.msn != rendition_.msn()) {
        begin(start, false);
    }
}

void TrackLine::miss_until(Duration until, const Timetable& timetable) {
    const std::uint64_t before = rendition_.gaps_made();
    fill_until(until, timetable);
    if (rendition_.gaps_made() == before) return;
    away_ = true;
    back_since_.reset();
}

void TrackLine::fill_until(Duration until, const Timetable& timetable) {
    if (video() && !rendition_.has_parts()) return;  // nothing that a player could have begun with
    const std::int64_t limit = ticks_of(until, rendition_.timescale());
    while (true) {
        const SegmentStart* next = next_start(timetable);
        if (next && next->at <= until) {
            if (rendition_.in_segment()) {
                const std::int64_t boundary = ticks_of(next->at, rendition_.timescale());
                finish_segment(boundary, boundary);
            }
            begin(*next, !next->discontinuity);
            continue;
        }
        if (!rendition_.in_segment()) return;
        while (rendition_.end() + rendition_.limits().longest <= limit) {
            rendition_.close_part(rendition_.end());
            rendition_.add_gap(rendition_.end() + rendition_.limits().longest);
        }
        return;
    }
}

void TrackLine::finish_segments(Duration end, const Timetable& timetable) {
    fill_until(end, timetable);
    if (!rendition_.in_segment() || (video() && !rendition_.has_parts())) return;
    const std::int64_t boundary = ticks_of(end, rendition_.timescale());
    finish_segment(boundary, rendition_.end());
}

}  // namespace millrace::hls
