// SPDX-License-Identifier: LGPL-2.1-or-later
// The media of one rendition: its open part and segment, its finished segments and how long they are kept.
// Does what it is told in its own ticks; when segments begin and what time frames belong to is decided elsewhere.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "hls/core/bandwidth.hpp"
#include "hls/core/cmaf.hpp"
#include "hls/core/open_part.hpp"
#include "hls/core/snapshot.hpp"
#include "hls/core/timetable.hpp"

namespace millrace::hls {

class Rendition {
  public:
    // `first_number`: of parts and of initialization segments, so that no URI ever comes back (SYN-9).
    Rendition(Promises promises, std::uint64_t first_number, std::uint64_t declared_bit_rate);

    // Makes the initialization segment of a configuration that adopt() will bring into use, so that it can be hinted at
    // before (HINT-1). Fails when no CMAF header can be made of it.
    Result<> prepare(Track track);
    // The segments that begin from now on are of the configuration prepared last.
    void adopt();
    [[nodiscard]] std::uint32_t timescale() const { return track_.timescale; }

    // No segment may be open, or an empty one. Unless it `continues`, the timeline moves on to the segment's start.
    void begin_segment(const SegmentStart& start, bool continues);
    void append(const Placement& placement, const Frame& frame, bool independent);
    // Ends the open part, at `next` when the time of what follows is known.
    void close_part(std::int64_t next);
    void close_part();
    // Fills with GAP=YES parts up to `until` (MP-16).
    void add_gap(std::int64_t until);
    // Ends the segment, which must have a part. `last`: of the stream.
    void end_segment();
    // Ends everything: there will be no more of the stream.
    void end_stream();

    [[nodiscard]] bool in_segment() const { return open_ != nullptr; }
    [[nodiscard]] bool segment_is_empty() const { return open_->parts.empty() && part_.empty(); }
    [[nodiscard]] std::uint64_t msn() const { return open_ ? open_->msn : next_msn_; }  // open, or the next
    [[nodiscard]] std::int64_t segment_start() const { return open_->start; }
    [[nodiscard]] std::int64_t end() const { return part_.empty() ? end_ : part_.expected_next(); }
    [[nodiscard]] std::int64_t part_start() const { return end_; }
    [[nodiscard]] bool between_parts() const { return part_.empty(); }
    [[nodiscard]] bool part_fits(std::int64_t at, std::int64_t nominal) const {
        return part_.fits(at, nominal, limits_);
    }
    [[nodiscard]] PartLimits limits() const { return limits_; }
    [[nodiscard]] Duration end_time() const;
    [[nodiscard]] const std::deque<std::shared_ptr<const Segment>>& finished() const { return finished_; }
    [[nodiscard]] std::uint64_t first_listed() const { return first_listed_; }
    void declare_bit_rate(std::uint64_t declared) { bandwidth_.declare(declared); }
    [[nodiscard]] BitRate bit_rate() const;

    // Takes segments before `msn` off the playlist and keeps their bytes for `keep` more and their own length (HT-16).
    void unlist_before(std::uint64_t msn, TimePoint now, Duration keep);
    void expire(TimePoint now);
    [[nodiscard]] TimePoint next_expiry() const;
    // Lets go of the oldest bytes beyond `most`, whatever they were promised. True when there were any.
    bool shed(std::size_t most);
    [[nodiscard]] std::size_t bytes_held() const { return bytes_held_; }

    // Counts every change a reader can see.
    [[nodiscard]] std::uint64_t revision() const { return revision_; }
    [[nodiscard]] bool has_parts() const { return parts_made_ + gaps_made_ > 0 || !part_.empty(); }
    [[nodiscard]] std::uint64_t parts_made() const { return parts_made_; }
    [[nodiscard]] std::uint64_t gaps_made() const { return gaps_made_; }

    void fill(RenditionSnapshot& snapshot) const;

  private:
    void add_part(std::shared_ptr<const Part> part);
    void forget_oldest();
    [[nodiscard]] UnixTime date_of(const SegmentStart& start, std::int64_t ticks) const;

    Promises promises_;
    Track track_;
    Track prepared_;
    std::uint64_t init_ = 0;  // of track_
    PartLimits limits_;
    std::deque<std::shared_ptr<const Init>> inits_;
    std::uint64_t next_number_;   // of the part that comes next
    std::uint64_t next_init_;     // of the initialization segment that comes next
    std::uint32_t sequence_ = 0;  // mfhd
    bool stream_ends_ = false;

    OpenPart part_;
    std::int64_t end_ = 0;  // of the last finished part
    std::unique_ptr<Segment> open_;
    bool open_has_chunk_ = false;
    std::uint64_t next_msn_ = 0;
    std::uint64_t next_discontinuity_sequence_ = 0;

    std::deque<std::shared_ptr<const Segment>> finished_;
    std::deque<TimePoint> expiry_;  // of those before first_listed_, in order
    std::uint64_t first_listed_ = 0;
    std::size_t bytes_held_ = 0;
    BandwidthMeter bandwidth_;

    std::uint64_t revision_ = 0;
    std::uint64_t parts_made_ = 0;
    std::uint64_t gaps_made_ = 0;
};

}  // namespace millrace::hls
