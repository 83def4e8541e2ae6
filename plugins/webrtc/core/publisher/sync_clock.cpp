// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/sync_clock.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDefaultRate = 90000;
constexpr Duration kFirstWindow = 2s;  // the first packet may have waited for long
constexpr Duration kLeastStep = 1ns;
// A first report to what came before it; a picture that rests is confirmed by the next.
constexpr Duration kNear = 500ms;
// Two reports of one clock to each other: senders give the time of the last packet, or of the one to come.
constexpr Duration kUneven = 200ms;
constexpr int kUnevenPart = 20;

// Without what a day of nanoseconds would overflow.
Duration to_time(std::int64_t ticks, std::int64_t rate) {
    return Duration(ticks / rate * kSecond + ticks % rate * kSecond / rate);
}

Duration difference(NtpTime a, NtpTime b) {
    const auto apart = static_cast<std::int64_t>(a.value - b.value);
    const std::int64_t seconds = apart >> 32;
    const std::int64_t fraction = apart & 0xffffffff;
    return Duration(seconds * kSecond + (fraction * kSecond >> 32));
}

}  // namespace

SyncClock::SyncClock(const std::vector<std::uint32_t>& rates, Duration from) : tracks_(rates.size()), from_(from) {
    for (std::size_t i = 0; i < rates.size(); ++i) tracks_[i].rate = rates[i] == 0 ? kDefaultRate : rates[i];
}

// ---- a track's line -------------------------------------------------------------------------------------------------

void SyncClock::await(std::size_t index, std::uint32_t timestamp, Duration arrived) {
    Track& track = tracks_[index];
    if (!track.started && (!track.awaited || arrived < beginning(track, timestamp, Duration::max())))
        track.awaited = {timestamp, arrived};
}

// When the timestamp would have come if its packet had been as quick as the quickest that was awaited.
Duration SyncClock::beginning(const Track& track, std::uint32_t timestamp, Duration arrived) {
    if (!track.awaited) return arrived;
    const auto [quick, quick_arrived] = *track.awaited;
    const auto ticks = static_cast<std::int32_t>(timestamp - quick);
    return std::min(arrived, quick_arrived + to_time(ticks, track.rate));
}

void SyncClock::begin(std::size_t index, std::uint32_t timestamp, Duration arrived) {
    Track& track = tracks_[index];
    Duration at = beginning(track, timestamp, arrived);
    // Nobody's encoder owes that much: the timestamps are of two clocks.
    if (arrived - at > kJump) at = arrived;
    // One lead for all tracks: they keep their distance.
    if (!lead_) lead_ = std::max<Duration>(from_ - at, 0ns);
    // What is from before the track that was first to be mapped is not behind the stream either.
    start(track, timestamp, std::max(at + *lead_, from_), arrived + *lead_);
    if (!reference_) reference_ = index;
    if (const auto early = std::exchange(track.early_report, std::nullopt))
        on_sender_time(index, early->first, early->second);
}

std::int64_t SyncClock::unwrapped(const Track& track, std::uint32_t timestamp) {
    return track.newest + static_cast<std::int32_t>(timestamp - static_cast<std::uint32_t>(track.newest));
}

Duration SyncClock::line(const Track& track, std::int64_t ticks) {
    return track.base_time + to_time(ticks - track.base_ticks, track.rate);
}

void SyncClock::start(Track& track, std::int64_t ticks, Duration at, Duration arrived) {
    track.started = true;
    track.base_ticks = track.newest = track.last = ticks;
    track.base_time = track.at_newest = track.out = at;
    track.shift = track.target = {};
    track.aligned = false;
    track.first_way.reset();
    begin_window(track, arrived, kFirstWindow);
}

bool SyncClock::has_jumped(const Track& track, std::int64_t ticks, Duration arrived) {
    const Duration apart = line(track, ticks) + track.shift - arrived;
    // Nothing is overtaken by a second.
    return apart > kJump || apart < -kJump || track.newest - ticks > track.rate;
}

Duration SyncClock::map(std::size_t index, std::uint32_t timestamp, Duration arrived) {
    Track& track = tracks_[index];
    if (!track.started) begin(index, timestamp, arrived);
    arrived += *lead_;
    if (has_jumped(track, unwrapped(track, timestamp), arrived)) {
        start(track, timestamp, std::max(arrived, track.out + kLeastStep), arrived);
        track.report.reset();
        if (index == reference_)
            for (Track& other : tracks_) other.aligned = false;
        track.discontinuity = true;
        ++track.restarts;
    }
    const std::int64_t ticks = unwrapped(track, timestamp);
    measure(track, ticks, arrived);
    if (arrived - track.window_began >= track.window_length) follow_clock(index, arrived);
    return advance(track, ticks);
}

Duration SyncClock::advance(Track& track, std::int64_t ticks) {
    const std::int64_t before = std::exchange(track.last, ticks);
    if (ticks == track.newest) return track.out = std::max(track.out, track.at_newest);
    if (ticks < track.newest) {
        if (ticks > before) track.out += kLeastStep;
        return track.out;
    }
    const Duration most = to_time(ticks - track.newest, track.rate) / kSlewPart;
    track.shift += std::clamp(track.target - track.shift, -most, most);
    track.newest = ticks;
    track.out = std::max(track.out + kLeastStep, line(track, ticks) + track.shift);
    return track.at_newest = track.out;
}

// What was measured against the old target is now further from, or nearer to the new one.
void SyncClock::move(Track& track, Duration target) {
    if (track.quickest) *track.quickest -= target - track.target;
    track.target = target;
}

void SyncClock::step(Track& track, Duration by) {
    move(track, track.target + by);
    track.shift += by;
}

// ---- the publisher's clock ------------------------------------------------------------------------------------------

void SyncClock::begin_window(Track& track, Duration arrived, Duration length) {
    track.window_began = arrived;
    track.window_length = length;
    track.quickest.reset();
    track.way.reset();
}

void SyncClock::measure(Track& track, std::int64_t ticks, Duration arrived) {
    const Duration way = arrived - line(track, ticks);
    track.way = std::min(way, track.way.value_or(way));
    track.quickest = std::min(way - track.target, track.quickest.value_or(way - track.target));
}

void SyncClock::end_window(Track& track, Duration arrived) {
    if (track.quickest) track.lateness = *track.quickest;
    if (track.way) {
        if (!track.first_way) track.first_way = {arrived, *track.way};
        const Duration passed = arrived - track.first_way->first;
        const Duration shrunk = track.first_way->second - *track.way;
        if (passed > 0ns)
            track.drift_ppm = static_cast<double>(shrunk.count()) * 1e6 / static_cast<double>(passed.count());
    }
    begin_window(track, arrived, kWindow);
}

// Nothing may be later than its time, or latency grows; and nothing need be earlier. Tracks that belong together move
// together, after the one that comes last: their distance is the sender reports' business.
void SyncClock::follow_clock(std::size_t index, Duration arrived) {
    const Track& due = tracks_[index];
    std::vector<Track*> together;
    for (Track& track : tracks_)
        if (&track == &due || (due.aligned && track.aligned)) together.push_back(&track);
    std::optional<Duration> late;
    for (Track* track : together) {
        if (track->quickest) late = std::max(*track->quickest, late.value_or(*track->quickest));
        end_window(*track, arrived);
    }
    if (!late) return;
    for (Track* track : together) *late > kLateFrom ? step(*track, *late) : move(*track, track->target + *late);
}

// ---- the tracks together --------------------------------------------------------------------------------------------

void SyncClock::on_sender_time(std::size_t index, std::uint32_t timestamp, NtpTime ntp) {
    Track& track = tracks_[index];
    if (!track.started) {
        track.early_report = {timestamp, ntp};
        return;
    }
    const Point report{unwrapped(track, timestamp), ntp};
    track.steady = track.report ? runs_as_ntp(track, *track.report, report) : is_near(track, report);
    track.report = report;
    const bool believed = track.steady && (index == reference_ ? align_all() : align(index));
    if (!track.steady) track.aligned = false;
    if (!believed) ++odd_reports_;
}

// RFC 3550 6.4.1: a report's two times are of the instant in which it is sent. What GStreamer 1.22 reports of its RTP
// time, unless told otherwise, is seconds ahead of what it sends and runs away from it, another way for each track.
bool SyncClock::is_near(const Track& track, const Point& report) {
    const Duration ahead = to_time(report.ticks - track.newest, track.rate);
    return ahead <= kNear && ahead >= -kNear;
}

bool SyncClock::runs_as_ntp(const Track& track, const Point& before, const Point& now) {
    const Duration by_ntp = difference(now.ntp, before.ntp);
    const Duration apart = to_time(now.ticks - before.ticks, track.rate) - by_ntp;
    const Duration most = std::max(kUneven, by_ntp / kUnevenPart);
    return apart <= most && apart >= -most;
}

// By how much the track's line must be moved for its NTP times to be the first track's. Empty before both have told.
std::optional<Duration> SyncClock::aligned_target(const Track& track) const {
    const Track& first = tracks_[*reference_];
    if (!track.report || !first.report || !track.steady || !first.steady) return {};
    const Duration at =
        line(first, first.report->ticks) + first.target + difference(track.report->ntp, first.report->ntp);
    return at - line(track, track.report->ticks);
}

bool SyncClock::align_all() {
    bool believed = true;
    for (std::size_t i = 0; i < tracks_.size(); ++i)
        if (i != *reference_ && tracks_[i].started) believed = align(i) && believed;
    return believed;
}

// False for a report that is not believed.
bool SyncClock::align(std::size_t index) {
    Track& track = tracks_[index];
    Track& first = tracks_[*reference_];
    const auto target = aligned_target(track);
    if (!target) return true;
    const Duration gap = *target - track.target;
    track.aligned = gap <= kMostApart && gap >= -kMostApart;
    if (!track.aligned) return false;
    first.aligned = true;
    if (gap > kStepFrom) {
        step(track, gap);
    } else if (gap < -kStepFrom) {
        // What cannot go back is waited for by the others.
        step(first, -gap);
        align_all();
    } else {
        move(track, *target);
    }
    return true;
}

}  // namespace millrace::webrtc
