// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/packager.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

namespace {

constexpr Duration kFirstMediaTime = 10s;  // so that no decode time is negative (CM-14)
constexpr Duration kBackwards = 500ms;     // timestamps that fall back farther have begun anew
constexpr Duration kAheadOfLead = 10s;     // more is another timeline
constexpr Duration kBehindLead = 30s;
constexpr Duration kDateTolerance = 500ms;                    // of arrival: not worth a step in the dates
constexpr std::size_t kMostBytesPerSecond = 100'000'000 / 8;  // beyond any honest rendition: bounds memory
constexpr int kFewestSegments = 6;                            // MP-14
constexpr int kMostTinySegments = 40;

// Hours since 2025: a restarted process begins no lower than the one before, at fewer than one interruption an hour
// (TS-5).
std::uint64_t first_discontinuity(UnixTime now) {
    constexpr std::int64_t kStartOf2025 = 1'735'689'600;  // Unix seconds
    return static_cast<std::uint64_t>(std::max<std::int64_t>(now.nanoseconds / 1'000'000'000 - kStartOf2025, 0) / 3600);
}

// Twice as many as segments of the shortest length would use: numbers of a later process are always larger, even
// though interruptions make shorter segments (TS-5).
std::uint64_t first_msn(UnixTime now, Duration segment_duration) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(2 * (now.nanoseconds / segment_duration.count()), 1));
}

// Parts are never shorter than 10 ms on average.
std::uint64_t first_part_number(UnixTime now) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(now.nanoseconds / 10'000'000, 1));
}

std::string seconds(Duration time) {
    const std::int64_t tenths = divide_nearest(time.count(), 100'000'000);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

Packager::Packager(const Settings& settings, const Plan& plan, std::vector<std::string> names, UnixTime now,
                   Notices& notices)
    : settings_(settings),
      promises_(plan.promises),
      notices_(notices),
      names_(std::move(names)),
      lines_(names_.size()),
      lead_(plan.lead),
      timetable_(first_msn(now, settings.segment_duration), first_discontinuity(now)),
      first_number_(first_part_number(now)) {}

void Packager::add_track(std::string name) {
    names_.push_back(std::move(name));
    lines_.emplace_back();
}

Result<> Packager::join(std::size_t track, codec::Kind kind, const codec::TrackFormat& format, Cadence cadence,
                        std::uint64_t declared_bit_rate) {
    auto line = std::make_unique<TrackLine>(kind, promises_, first_number_, declared_bit_rate);
    if (auto set = line->set_format(format, cadence); !set) return set;
    lines_[track] = std::move(line);
    // A video may have come with the very key frame that began this segment in the others.
    if (running_ && kind == codec::Kind::video && lead_line().video()) begin_with(*lines_[track], timetable_.last());
    return {};
}

void Packager::describe(std::size_t track, const std::string& name, std::uint64_t declared_bit_rate) {
    names_[track] = name;
    if (TrackLine* line = lines_[track].get()) line->rendition().declare_bit_rate(declared_bit_rate);
}

Result<> Packager::set_format(std::size_t track, const codec::TrackFormat& format, Cadence cadence) {
    TrackLine& line = *lines_[track];
    if (auto set = line.set_format(format, cadence); !set) return set;
    if (!running_ || !line.started()) return {};
    // In time for the discontinuity that has just begun, or a reason for the next one.
    const SegmentStart* start = timetable_.find(line.rendition().msn());
    const bool in_time =
        line.rendition().in_segment() && line.rendition().segment_is_empty() && start && start->discontinuity;
    if (in_time) {
        line.start(offset_);
        line.begin(*start, false);
    } else if (track != lead_) {
        interrupt_at_key_ = true;
    }
    return {};
}

Duration Packager::farthest_end() const {
    Duration end{};
    for (const auto& line : lines_) {
        if (line && line->started()) end = std::max(end, line->rendition().end_time());
    }
    return end;
}

// The lead's segments leave room for the others, which may run on to their next frame (CM-16).
Duration Packager::longest_segment() const {
    Duration audio{};
    for (const auto& line : lines_) {
        if (line && !line->video()) audio = std::max(audio, line->nominal());
    }
    return promises_.target() + kRoundingRoom - overhang(promises_.part_target, audio);
}

UnixTime Packager::live_edge() const {
    return date_zero_ + lead_line().rendition().end_time();
}

Duration Packager::patience_with_rung(std::size_t track) const {
    constexpr int kFrames = 3;  // of a slow one
    return std::max<Duration>(promises_.target() / 2, kFrames * lines_[track]->nominal());
}

bool Packager::may_lead(std::size_t track) const {
    const TrackLine* line = lines_[track].get();
    return line && line->video() && line->in_place() && !line->format_pending() &&
           line->rendition().msn() == timetable_.last().msn;
}

void Packager::hand_over_lead(std::size_t track) {
    lead_ = track;
    const Rendition& lead = lead_line().rendition();
    last_key_ = duration_of(lead.segment_start(), lead.timescale());
    last_gop_ = {};
    hole_since_key_ = true;
}

Duration Packager::since_start() const {
    return lead_line().rendition().end_time() - started_at_;
}

Duration Packager::since_start(std::size_t track, const Frame& frame) const {
    return lines_[track]->media_time(frame) - started_at_;
}

bool Packager::admits(std::size_t track, const Frame& frame) const {
    const TrackLine& line = *lines_[track];
    if (!running_ || !line.started() || line.format_pending()) return false;
    // A video's frame of the very time a segment may begin at waits until the lead has decided.
    const Duration margin = line.video() ? line.nominal() / 2 : Duration(0);
    return line.media_time(frame) + margin < lead_line().rendition().end_time();
}

bool Packager::out_of_line(std::size_t track, const Frame& frame) const {
    if (!running_ || !lines_[track]->started()) return false;
    const Duration distance = lines_[track]->media_time(frame) - lead_line().rendition().end_time();
    return distance > kAheadOfLead || distance < -kBehindLead;
}

void Packager::start(std::size_t track, const Frame& frame, TimePoint arrival, UnixTime wall) {
    finish_all_segments();
    const Duration at = begun_ ? farthest_end() : kFirstMediaTime;
    const UnixTime date = wall + (-at);
    // Dates step forward when time has really passed, and never back (MP-9).
    if (!begun_ || date - date_zero_ > kDateTolerance) date_zero_ = date;
    if (begun_) ++discontinuities_;
    offset_ = at - (lines_[track]->video() ? frame.pts : frame.dts);
    const SegmentStart start = timetable_.open(at, date_zero_, begun_);
    for (const auto& line : lines_) {
        if (!line) continue;
        line->start(offset_);
        line->begin(start, false);
    }
    begun_ = running_ = true;
    interrupt_at_key_ = false;
    absent_ = track != lead_;
    absent_since_ = arrival;
    absent_from_ = started_at_ = last_key_ = at;
    last_gop_ = {};
    hole_since_key_ = false;
    unlist();
}

bool Packager::jumps(const Frame& frame) const {
    const Duration distance = lead_line().media_time(frame) - lead_line().rendition().end_time();
    return distance > patience() || distance < -kBackwards;
}

bool Packager::segment_is_due(const Placement& placement) const {
    const Rendition& lead = lead_line().rendition();
    const std::int64_t length = std::max(placement.at, lead.part_start()) - lead.segment_start();
    const Duration elapsed = duration_of(length, lead.timescale());
    if (elapsed >= settings_.segment_duration - lead_line().nominal() / 2) return true;
    const bool next_key_too_late = elapsed + last_gop_ > longest_segment();  // GOP-4
    return next_key_too_late && elapsed >= settings_.segment_duration / 2;
}

void Packager::lead_frame(const Frame& frame, TimePoint now, UnixTime wall) {
    now_ = now;
    TrackLine& line = lead_line();
    const bool key = frame.key || !line.video();
    const bool anew = running_ && (absent_ || frame.discontinuity || line.format_pending() || jumps(frame) ||
                                   (interrupt_at_key_ && key));
    if (anew) interrupt(now);
    if (!running_) {
        if (!key) return;  // nothing before a key frame can be decoded
        start(lead_, frame, now, wall);
        absent_ = false;
    }
    const Placement placement = line.place(frame);
    const Rendition& rendition = line.rendition();
    if (segment_ends_before(placement, key)) {
        close_part_within_segment(placement.at);
    } else {
        line.make_room(placement);
    }
    const bool hole = rendition.between_parts() && line.is_hole(placement.at - rendition.end());
    if (hole) fill_hole(placement, key);
    if (segment_ends_before(placement, key)) cut(placement, key);
    if (key) {
        const Duration at = duration_of(placement.at, rendition.timescale());
        last_gop_ = at - std::exchange(last_key_, at);
        hole_since_key_ = false;
    }
    line.append(placement, frame);
}

// PART-7: the source froze and goes on. The segment that ends meanwhile is followed by one without a key frame.
void Packager::fill_hole(const Placement& placement, bool key) {
    hole_since_key_ = true;
    const std::uint64_t before = lead_line().rendition().msn();
    lead_gap_until(placement.at);
    if (!key && lead_line().rendition().msn() != before) independent_ = false;
}

bool Packager::segment_ends_before(const Placement& placement, bool key) const {
    if (lead_line().rendition().segment_is_empty()) return false;
    return key ? segment_is_due(placement) : must_cut_before(placement);
}

// Where the next frame begins, unless that is already too late for this segment.
void Packager::close_part_within_segment(std::int64_t next_frame) {
    Rendition& lead = lead_line().rendition();
    lead.close_part(std::min(next_frame, lead.segment_start() + ticks_of(longest_segment(), lead.timescale())));
}

void Packager::cut(const Placement& placement, bool key) {
    close_part_within_segment(placement.at);
    roll();
    if (!key) report_forced_cut();
}

// GOP-3 (c): the target duration is a promise, even where no key frame comes in time.
bool Packager::must_cut_before(const Placement& placement) const {
    const Rendition& lead = lead_line().rendition();
    const std::int64_t length = std::max(placement.at, lead.part_start()) + placement.nominal - lead.segment_start();
    return duration_of(length, lead.timescale()) > longest_segment();
}

void Packager::report_forced_cut() {
    if (!lead_line().video()) return;
    independent_ = false;
    if (hole_since_key_) return;  // not the encoder's doing
    const Duration gap = lead_line().rendition().end_time() - last_key_;
    notices_.once("key-interval",
                  names_[lead_] + ": no key frame for " + seconds(gap) + ", but a segment of this stream may last " +
                      std::to_string(promises_.target_duration) +
                      " s at most; segments are cut without one, so players start slowly. Set the encoder's key-frame "
                      "interval to " +
                      seconds(settings_.segment_duration) +
                      " (OBS: Keyframe Interval; ffmpeg: -g; x264enc: key-int-max), or raise segment-duration.");
}

void Packager::roll() {
    TrackLine& line = lead_line();
    line.rendition().end_segment();
    const SegmentStart start = timetable_.open(line.rendition().end_time(), date_zero_, false);
    line.begin(start, true);
    begin_followers(start);
    unlist();
}

// Tracks that have joined meanwhile begin with this segment.
void Packager::begin_followers(const SegmentStart& start) {
    for (const auto& line : lines_) {
        if (line && !line->started() && running_) begin_with(*line, start);
    }
}

void Packager::begin_with(TrackLine& line, const SegmentStart& start) {
    line.start(offset_);
    line.begin(start, false);
}

bool Packager::has_room(std::size_t track, const Frame& frame) const {
    const TrackLine& line = *lines_[track];
    if (!line.rendition().in_segment()) return false;
    const Duration segment_start = duration_of(line.rendition().segment_start(), line.rendition().timescale());
    return line.media_time(frame) + line.nominal() - segment_start <= promises_.target();
}

void Packager::follow(std::size_t track, const Frame& frame) {
    TrackLine& line = *lines_[track];
    line.follow(frame, timetable_);
    if (line.lost_alignment()) {
        notices_.once("alignment " + names_[track],
                      names_[track] + ": its key frames do not fall together with those of " + names_[lead_] +
                          ", so players cannot switch between them cleanly. Give all encoders of the ladder the same "
                          "key-frame interval and no scene-cut key frames.");
        independent_ = false;
    }
}

void Packager::finish_all_segments() {
    if (!begun_) return;
    Rendition& lead = lead_line().rendition();
    if (lead.in_segment()) lead.close_part(lead.end());
    if (lead_line().started()) lead_line().finish_segments(lead.end_time(), timetable_);
    for (const auto& line : lines_) {
        if (line && line->started() && line.get() != &lead_line()) line->finish_segments(lead.end_time(), timetable_);
    }
}

void Packager::interrupt(TimePoint since) {
    now_ = std::max(now_, since);
    if (!begun_ || !running_) return;
    finish_all_segments();
    running_ = false;
    if (!absent_) {
        absent_since_ = since;
        absent_from_ = farthest_end();
    }
    absent_ = true;
}

void Packager::lose_lead(TimePoint since) {
    if (!running_ || absent_) return;
    Rendition& lead = lead_line().rendition();
    lead.close_part(lead.end());
    if (lead.in_segment() && !lead.segment_is_empty()) lead.end_segment();
    absent_ = true;
    absent_since_ = since;
    absent_from_ = lead.end_time();
}

void Packager::lead_gap_until(std::int64_t until) {
    TrackLine& line = lead_line();
    Rendition& lead = line.rendition();
    if (!lead.in_segment()) {
        line.begin(timetable_.open(lead.end_time(), date_zero_, false), true);
        unlist();
    }
    const std::int64_t segment = ticks_of(settings_.segment_duration, lead.timescale());
    while (lead.end() < until) {
        const std::int64_t segment_ends = lead.segment_start() + segment;
        if (lead.end() >= segment_ends && !lead.segment_is_empty()) roll();
        lead.add_gap(std::min(until, std::max(lead.segment_start() + segment, lead.end() + 1)));
    }
}

void Packager::fill_absence(TimePoint now, const std::vector<bool>& silent) {
    now_ = std::max(now_, now);
    if (!begun_) return;
    const Rendition& lead = lead_line().rendition();
    const std::int64_t part = lead.limits().longest;
    if (absent_) {
        // A machine that slept need not account for the night.
        const Duration most = 2 * playlist_window(settings_, promises_);
        absent_since_ = std::max(absent_since_, now - (lead.end_time() - absent_from_) - most);
        const Duration target = absent_from_ + (now - absent_since_);
        while (duration_of(lead.end() + part, lead.timescale()) <= target) lead_gap_until(lead.end() + part);
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (i == lead_ || !lines_[i] || !lines_[i]->started()) continue;
        if (!running_) {
            lines_[i]->fill_until(lead.end_time(), timetable_);
        } else if (silent[i]) {
            lines_[i]->miss_until(lead.end_time(), timetable_);
        }
    }
}

TimePoint Packager::next_fill() const {
    if (!absent_) return kNever;
    const Duration part = duration_of(promises_.part_target, kPrinted);
    return absent_since_ + (lead_line().rendition().end_time() + part - absent_from_);
}

void Packager::end() {
    for (const auto& line : lines_) {
        if (line) line->rendition().end_stream();
    }
    running_ = absent_ = false;
}

const Rendition& Packager::longest_listed() const {
    const Rendition* longest = &lead_line().rendition();
    for (const auto& line : lines_) {
        if (!line || line->rendition().finished().empty()) continue;
        const bool longer = longest->finished().empty() || line->rendition().first_listed() < longest->first_listed();
        if (longer) longest = &line->rendition();
    }
    return *longest;
}

// The newest segment that all videos have: those that follow the lead have not ended theirs when it does.
std::uint64_t Packager::newest_common() const {
    std::uint64_t newest = std::numeric_limits<std::uint64_t>::max();
    for (const auto& line : lines_) {
        if (!line || !line->video() || !line->started() || line->rendition().finished().empty()) continue;
        newest = std::min(newest, line->rendition().finished().back()->msn);
    }
    return newest;
}

// MP-14: the oldest segments leave, in all playlists at once, when those after them make a playlist that is long
// enough.
void Packager::unlist() {
    const Rendition& reference = longest_listed();
    const std::uint64_t newest = newest_common();
    Duration listed{};
    int count = 0;
    for (const auto& segment : reference.finished()) {
        if (segment->msn < reference.first_listed() || segment->msn > newest) continue;
        listed += segment->length();
        ++count;
    }
    const Duration longest_playlist = listed + promises_.target();
    const Duration window = playlist_window(settings_, promises_);
    // A publisher that interrupts itself all the time makes tiny segments: the list stays readable all the same.
    const auto most = kMostTinySegments + 4 * static_cast<int>(window / settings_.segment_duration);
    std::uint64_t first = reference.first_listed();
    for (const auto& segment : reference.finished()) {
        if (segment->msn < first || segment->msn > newest) continue;
        const bool needed = count <= kFewestSegments || listed - segment->length() < window;
        if (needed && count <= most) break;
        listed -= segment->length();
        --count;
        first = segment->msn + 1;
    }
    std::uint64_t oldest_open = timetable_.last().msn;
    for (const auto& line : lines_) {
        if (!line || !line->started()) continue;
        if (!line->rendition().has_parts()) continue;  // begins when its media comes, in a later one
        line->rendition().unlist_before(first, now_, longest_playlist);
        oldest_open = std::min(oldest_open, line->rendition().msn());
    }
    timetable_.forget_before(oldest_open);
}

void Packager::retire(TimePoint now) {
    const auto window = std::chrono::duration_cast<std::chrono::seconds>(playlist_window(settings_, promises_)).count();
    const std::size_t most = static_cast<std::size_t>(2 * window + 30) * kMostBytesPerSecond;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (!lines_[i]) continue;
        lines_[i]->rendition().expire(now);
        if (lines_[i]->rendition().shed(most)) {
            notices_.once("bytes " + names_[i],
                          names_[i] + ": sends more than 100 Mbit/s; its oldest segments are dropped early.");
        }
    }
}

TimePoint Packager::next_expiry() const {
    TimePoint next = kNever;
    for (const auto& line : lines_) {
        if (line) next = std::min(next, line->rendition().next_expiry());
    }
    return next;
}

}  // namespace millrace::hls
