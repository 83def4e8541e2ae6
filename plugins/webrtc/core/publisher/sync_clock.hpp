// SPDX-License-Identifier: LGPL-2.1-or-later
// One timeline of all tracks' RTP timestamps: running time, as near to the arrival as the quickest packets allow, with
// sound and picture as far apart as the publisher's sender reports say. Knows no packets and has no lock.
//
// A track's timestamps are laid on a straight line from its first arrival, or from the quickest where packets have been
// awaited before the first is mapped: an encoder that begins slowly sends what it owes in a burst. The line is moved as
// a whole: so that the tracks' NTP times agree, and after the publisher's clock where that is slower or faster than
// ours. Moves are slewed within the media's time, or are steps forward where that would take too long; never back. That
// holds for a stream that a publisher continues, too: where the one before came further than the clock is, all tracks
// are ahead of it by as much.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/time.hpp"
#include "webrtc/core/rtp/send_clock.hpp"

namespace millrace::webrtc {

class SyncClock {
  public:
    static constexpr Duration kStepFrom = 200ms;  // tracks that are further apart are not slewed
    static constexpr Duration kLateFrom = 1s;     // nor is a stream that is later: a step is a hole in its sound
    static constexpr int kSlewPart = 20;          // of elapsed media time: 5 %
    static constexpr Duration kJump = 3s;         // from arrival: the RTP clock is another one
    static constexpr Duration kWindow = 10s;      // in which one packet at least was not held up on its way
    // Reports that would move the tracks further apart are not believed.
    static constexpr Duration kMostApart = 2s;

    // The tracks' RTP clock rates, and where the stream is already, in running time.
    explicit SyncClock(const std::vector<std::uint32_t>& rates, Duration from = {});

    // A packet has arrived that is to be mapped later.
    void await(std::size_t track, std::uint32_t timestamp, Duration arrived);

    // `arrived` is running time. For a track it never goes back; equal timestamps give equal times, a newer one a later
    // time. A packet that was overtaken gets the time of what overtook it.
    Duration map(std::size_t track, std::uint32_t timestamp, Duration arrived);

    // What a sender report said (RFC 3550 6.4.1).
    void on_sender_time(std::size_t track, std::uint32_t timestamp, NtpTime ntp);

    // The mapping was restarted at arrival since this was last asked.
    bool take_discontinuity(std::size_t track) { return std::exchange(tracks_[track].discontinuity, false); }
    [[nodiscard]] std::uint64_t restarts(std::size_t track) const { return tracks_[track].restarts; }
    // Reports that were not believed.
    [[nodiscard]] std::uint64_t odd_reports() const { return odd_reports_; }
    // Whether the track is aligned with the first by sender reports.
    [[nodiscard]] bool is_synchronized(std::size_t track) const { return tracks_[track].aligned; }
    // How much faster than ours the publisher's clock for the track is, in millionths; 0 until it is known.
    [[nodiscard]] double drift_ppm(std::size_t track) const { return tracks_[track].drift_ppm; }
    // How long after its time the quickest packet of the last window came.
    [[nodiscard]] Duration lateness(std::size_t track) const { return tracks_[track].lateness; }

  private:
    // Which NTP time a timestamp is.
    struct Point {
        std::int64_t ticks = 0;
        NtpTime ntp;
    };
    struct Track {
        std::int64_t rate = 90000;
        bool started = false;
        std::optional<std::pair<std::uint32_t, Duration>> awaited;  // the quickest

        std::int64_t base_ticks = 0;  // the line goes through here
        Duration base_time{};
        Duration shift{};   // what it was moved by
        Duration target{};  // what it is being moved by

        std::int64_t newest = 0;  // ticks, unwrapped
        std::int64_t last = 0;    // of the packet before
        Duration at_newest{};
        Duration out{};  // the last time that was given

        std::optional<std::pair<std::uint32_t, NtpTime>> early_report;  // before the first packet
        std::optional<Point> report;
        bool steady = true;  // which is near what came, or has run as the NTP time since the one before
        bool aligned = false;

        Duration window_began{};
        Duration window_length{};
        std::optional<Duration> quickest;                        // of the window, arrival less the moved line
        std::optional<Duration> way;                             // the same, less the line as it began
        std::optional<std::pair<Duration, Duration>> first_way;  // when it was measured first, and what it was
        Duration lateness{};
        double drift_ppm = 0;

        bool discontinuity = false;
        std::uint64_t restarts = 0;
    };

    void begin(std::size_t index, std::uint32_t timestamp, Duration arrived);
    static Duration beginning(const Track& track, std::uint32_t timestamp, Duration arrived);
    static std::int64_t unwrapped(const Track& track, std::uint32_t timestamp);
    static Duration line(const Track& track, std::int64_t ticks);
    static void start(Track& track, std::int64_t ticks, Duration at, Duration arrived);
    static bool has_jumped(const Track& track, std::int64_t ticks, Duration arrived);
    static Duration advance(Track& track, std::int64_t ticks);
    static void measure(Track& track, std::int64_t ticks, Duration arrived);
    static void begin_window(Track& track, Duration arrived, Duration length);
    static void end_window(Track& track, Duration arrived);
    static void move(Track& track, Duration target);
    static void step(Track& track, Duration by);

    void follow_clock(std::size_t index, Duration arrived);
    static bool is_near(const Track& track, const Point& report);
    static bool runs_as_ntp(const Track& track, const Point& before, const Point& now);
    [[nodiscard]] std::optional<Duration> aligned_target(const Track& track) const;
    bool align(std::size_t index);
    bool align_all();

    std::vector<Track> tracks_;
    std::optional<std::size_t> reference_;  // the first to come: the others are aligned with it
    const Duration from_;
    std::optional<Duration> lead_;  // of the stream on the clock, once something was mapped
    std::uint64_t odd_reports_ = 0;
};

}  // namespace millrace::webrtc
