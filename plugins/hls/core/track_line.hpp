// SPDX-License-Identifier: LGPL-2.1-or-later
// One track on the presentation's timeline: maps its frames from stream time to its rendition's ticks, and makes a
// rendition that follows the lead begin its segments where the timetable says. Owns the rendition.
#pragma once

#include <optional>

#include "hls/core/frame_grid.hpp"
#include "hls/core/presentation.hpp"
#include "hls/core/rendition.hpp"
#include "hls/core/timetable.hpp"

namespace millrace::hls {

class TrackLine {
  public:
    TrackLine(codec::Kind kind, const Promises& promises, std::uint64_t first_number, std::uint64_t declared_bit_rate);

    [[nodiscard]] bool video() const { return kind_ == codec::Kind::video; }
    [[nodiscard]] Rendition& rendition() { return rendition_; }
    [[nodiscard]] const Rendition& rendition() const { return rendition_; }

    // In use from the next segment that may change it: the first one or one that begins with a discontinuity.
    Result<> set_format(const codec::TrackFormat& format, Cadence cadence);
    [[nodiscard]] bool format_pending() const { return pending_.has_value(); }
    [[nodiscard]] const codec::TrackFormat& format() const { return format_; }
    [[nodiscard]] codec::Rational frame_rate() const;

    // Stream time + offset is media time, until said otherwise.
    void start(Duration offset);
    [[nodiscard]] bool started() const { return started_; }
    // Media time of a frame, as its timestamp says. Where a segment begins, decode time and presentation time are one
    // (BF-1).
    [[nodiscard]] Duration media_time(const Frame& frame) const;
    [[nodiscard]] Duration nominal() const;

    // Begins the segment `start` describes; with a format that waits for it, if it may.
    void begin(const SegmentStart& start, bool continues);
    // The frame's place; call once for each frame, in order.
    Placement place(const Frame& frame);
    // A hole so large that it is filled with GAP=YES parts; a smaller one is made up for by the next frame's duration.
    [[nodiscard]] bool is_hole(std::int64_t ticks) const;
    // Ends the open part when the frame cannot be in it.
    void make_room(const Placement& placement);
    void append(const Placement& placement, const Frame& frame);

    // For renditions that follow. All begin segments as the timetable says.
    void follow(const Frame& frame, const Timetable& timetable);
    void fill_until(Duration until, const Timetable& timetable);
    // The same while its media does not come and that of others does.
    void miss_until(Duration until, const Timetable& timetable);
    // Its frames are where they belong: it does not wait for one to come in with.
    [[nodiscard]] bool in_place() const { return placed_any_ && !away_ && rendition_.in_segment(); }
    // Ends every segment the timetable knows, the last one at `end` (MP-12, MP-16).
    void finish_segments(Duration end, const Timetable& timetable);

    [[nodiscard]] bool lost_alignment() const { return lost_alignment_; }

  private:
    [[nodiscard]] bool begins_here(const Placement& placement, bool key, std::int64_t boundary);
    [[nodiscard]] bool comes_in(const Frame& frame, const Timetable& timetable);
    void come_in_at(Duration at, const SegmentStart& start, const Timetable& timetable);
    [[nodiscard]] bool can_still_begin(const SegmentStart& start) const;
    [[nodiscard]] const SegmentStart* next_start(const Timetable& timetable) const;
    void finish_segment(std::int64_t boundary, std::int64_t next_frame);

    codec::Kind kind_;
    Duration longest_wait_;  // for a key frame that begins a segment
    Rendition rendition_;
    codec::TrackFormat format_;
    Cadence cadence_;
    struct Pending {
        codec::TrackFormat format;
        Cadence cadence;
    };
    std::optional<Pending> pending_;
    std::optional<FrameGrid> grid_;
    bool started_ = false;
    bool placed_any_ = false;             // since start()
    bool away_ = false;                   // since its media did not come
    std::optional<Duration> back_since_;  // media time of the first frame that it could not come in with
    Duration offset_{};
    Duration reorder_{};  // presentation minus decode time of the first key frame
    bool lost_alignment_ = false;
};

}  // namespace millrace::hls
