// SPDX-License-Identifier: LGPL-2.1-or-later
// Packages the tracks of a presentation into renditions that advance together. One track leads: its key frames begin
// segments; the others follow. Also decides what happens while media is absent and when it returns.
// Knows nothing of playlists, and gets frames only when their turn has come.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hls/core/notices.hpp"
#include "hls/core/preroll.hpp"
#include "hls/core/timetable.hpp"
#include "hls/core/track_line.hpp"

namespace millrace::hls {

class Packager {
  public:
    Packager(const Settings& settings, const Plan& plan, std::vector<std::string> names, UnixTime now,
             Notices& notices);

    // By TrackIndex; a track without a line is not part of the presentation (yet).
    [[nodiscard]] TrackLine* line(std::size_t track) const { return lines_[track].get(); }
    void add_track(std::string name);
    Result<> join(std::size_t track, codec::Kind kind, const codec::TrackFormat& format, Cadence cadence,
                  std::uint64_t declared_bit_rate);
    void describe(std::size_t track, const std::string& name, std::uint64_t declared_bit_rate);
    Result<> set_format(std::size_t track, const codec::TrackFormat& format, Cadence cadence);

    [[nodiscard]] std::size_t lead() const { return lead_; }
    void set_lead(std::size_t track) { lead_ = track; }
    // Whether the video could lead from this frame to the next, all others staying as they are; and that.
    [[nodiscard]] bool may_lead(std::size_t track) const;
    void hand_over_lead(std::size_t track);
    [[nodiscard]] const Promises& promises() const { return promises_; }
    [[nodiscard]] bool independent() const { return independent_; }  // every segment so far began with a key frame
    [[nodiscard]] std::uint64_t discontinuities() const { return discontinuities_; }
    [[nodiscard]] UnixTime live_edge() const;  // wall-clock time of the end of the lead's media
    [[nodiscard]] Duration patience() const { return promises_.target() * 3 / 2; }  // with silence (MP-15)
    // With a video that does not come while others of the same picture do.
    [[nodiscard]] Duration patience_with_rung(std::size_t track) const;
    [[nodiscard]] Duration since_start() const;  // media since start()
    // From start() to the frame, by its own time.
    [[nodiscard]] Duration since_start(std::size_t track, const Frame& frame) const;

    // Whether frames are being mapped to media time; if not, the lead's next key frame begins that anew.
    [[nodiscard]] bool running() const { return running_; }
    // Whether a follower's frame may be told to follow(): the lead has passed its time.
    [[nodiscard]] bool admits(std::size_t track, const Frame& frame) const;
    // Whether its time is so far from the lead's that it will never be admitted, or was long ago.
    [[nodiscard]] bool out_of_line(std::size_t track, const Frame& frame) const;

    // Begins to map frames so that `frame` is the first of what follows; `arrival` and `wall` are when it came.
    void start(std::size_t track, const Frame& frame, TimePoint arrival, UnixTime wall);
    void lead_frame(const Frame& frame, TimePoint now, UnixTime wall);
    void follow(std::size_t track, const Frame& frame);
    // Whether the follower's segment may take the frame when the lead is over.
    [[nodiscard]] bool has_room(std::size_t track, const Frame& frame) const;

    // What came before is over; media is absent from `since` on, or only for the moment.
    void interrupt(TimePoint since);
    void interrupt_at_next_key() { interrupt_at_key_ = true; }
    // The lead fell silent, the others go on.
    void lose_lead(TimePoint since);
    [[nodiscard]] bool lead_absent() const { return absent_; }
    // Fills what is absent up to `now`, for the lead and for the tracks said to be silent.
    void fill_absence(TimePoint now, const std::vector<bool>& silent);
    [[nodiscard]] TimePoint next_fill() const;

    void end();
    // Takes old segments off the playlists and lets go of what was kept long enough.
    void retire(TimePoint now);
    [[nodiscard]] TimePoint next_expiry() const;

  private:
    TrackLine& lead_line() { return *lines_[lead_]; }
    [[nodiscard]] const TrackLine& lead_line() const { return *lines_[lead_]; }
    [[nodiscard]] Duration farthest_end() const;
    [[nodiscard]] Duration longest_segment() const;
    [[nodiscard]] bool segment_is_due(const Placement& placement) const;
    [[nodiscard]] bool jumps(const Frame& frame) const;
    void roll();
    [[nodiscard]] bool must_cut_before(const Placement& placement) const;
    [[nodiscard]] bool segment_ends_before(const Placement& placement, bool key) const;
    void close_part_within_segment(std::int64_t next_frame);
    void fill_hole(const Placement& placement, bool key);
    void cut(const Placement& placement, bool key);
    void report_forced_cut();
    void begin_followers(const SegmentStart& start);
    void begin_with(TrackLine& line, const SegmentStart& start);
    void lead_gap_until(std::int64_t until);  // ticks of the lead
    void finish_all_segments();
    [[nodiscard]] const Rendition& longest_listed() const;
    [[nodiscard]] std::uint64_t newest_common() const;
    void unlist();

    Settings settings_;
    Promises promises_;
    Notices& notices_;
    std::vector<std::string> names_;
    std::vector<std::unique_ptr<TrackLine>> lines_;
    std::size_t lead_;
    Timetable timetable_;
    std::uint64_t first_number_;

    bool begun_ = false;  // start() was called once
    bool running_ = false;
    bool interrupt_at_key_ = false;
    Duration offset_{};
    UnixTime date_zero_;
    bool independent_ = true;
    std::uint64_t discontinuities_ = 0;
    Duration last_key_{};  // media time of the lead's last key frame
    Duration last_gop_{};
    bool hole_since_key_ = false;
    Duration started_at_{};  // media time of the last start()

    bool absent_ = false;
    TimePoint absent_since_;
    Duration absent_from_{};  // media time then
    TimePoint now_;
};

}  // namespace millrace::hls
