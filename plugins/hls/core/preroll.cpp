// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/preroll.hpp"

#include <algorithm>

#include "hls/core/cadence.hpp"
#include "hls/core/media_time.hpp"
#include "hls/core/part_target.hpp"

namespace millrace::hls {

namespace {

constexpr Duration kLongestWaitForKey = 10s;  // GOP-2
constexpr Duration kPatience = 1s;            // for the other tracks, once the lead's first segment is whole
constexpr Duration kVideoPatience = 5s;       // for a video that was declared and sends nothing
constexpr int kFewestTargets = 6;             // MP-14

bool has_media(const TrackInput& track) {
    return track.format() && !track.held().empty();
}

// The video that comes when others do not, else the first one; an audio only when no video can be expected any more.
std::optional<std::size_t> choose_lead(std::span<const TrackInput> tracks, TimePoint now, bool at_once) {
    std::optional<std::size_t> video;
    std::optional<std::size_t> audio;
    bool video_expected = false;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        video_expected = video_expected || (tracks[i].video() && !tracks[i].ended());
        if (!has_media(tracks[i])) continue;
        if (!tracks[i].video()) {
            if (!audio) audio = i;
        } else if (!video || (tracks[i].options().steady && !tracks[*video].options().steady)) {
            video = i;
        }
    }
    if (video) return video;
    if (!audio || !video_expected || at_once) return audio;
    const bool waited = now - tracks[*audio].held().front().arrival >= kVideoPatience;
    return waited ? audio : std::nullopt;
}

struct FirstSegment {
    Duration length{};
    Duration ends_at{};  // when the frame after it is shown
    TimePoint whole_since;
};

std::optional<FirstSegment> first_segment(const TrackInput& lead, const Settings& settings, bool at_once) {
    const Duration first = lead.held().front().frame.dts;
    const Cadence cadence = declared_cadence(*lead.format());
    const Duration half_frame =
        cadence.regular ? Duration(500'000'000LL * cadence.rate.denominator / cadence.rate.numerator) : Duration(10ms);
    for (std::size_t i = 1; i < lead.held().size(); ++i) {
        const HeldFrame& held = lead.held()[i];
        const Duration length = held.frame.dts - first;
        const bool may_begin = held.frame.key || !lead.video();
        const bool whole = may_begin && length >= settings.segment_duration - half_frame;
        if (whole || length >= kLongestWaitForKey) {
            return FirstSegment{std::min(length, Duration(kLongestWaitForKey)), held.frame.pts, held.arrival};
        }
    }
    if (!at_once) return {};
    const HeldFrame& last = lead.held().back();
    return FirstSegment{last.frame.dts - first, last.frame.pts, last.arrival};
}

// By when frames are shown: what is the same picture in two videos is decoded at different times where one of them
// reorders (BF-1).
bool others_are_ready(std::span<const TrackInput> tracks, const FirstSegment& segment) {
    return std::all_of(tracks.begin(), tracks.end(), [&](const TrackInput& track) {
        return track.ended() || (has_media(track) && track.held().back().frame.pts >= segment.ends_at);
    });
}

std::vector<Duration> decode_times(const TrackInput& track) {
    std::vector<Duration> times;
    for (const HeldFrame& held : track.held()) times.push_back(held.frame.dts);
    return times;
}

std::uint32_t whole_seconds(Duration length) {
    return static_cast<std::uint32_t>(std::max<std::int64_t>(divide_nearest(length.count(), 1'000'000'000), 1));
}

Duration longest_audio_frame(std::span<const TrackInput> tracks, const std::vector<Cadence>& cadences) {
    Duration longest{};
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const codec::Rational rate = cadences[i].rate;
        if (tracks[i].video() || !rate.known()) continue;
        longest = std::max(longest, duration_of(rate.denominator, rate.numerator));
    }
    return longest;
}

// GOP-2. Segments like the first one, as long as they may become, must still round down to the target.
std::uint32_t target_duration(Duration shortest, Duration first, Duration overhang) {
    return std::max(whole_seconds(shortest), whole_seconds(first + overhang + (500ms - kRoundingRoom)));
}

}  // namespace

std::optional<Plan> plan_presentation(const Settings& settings, std::span<const TrackInput> tracks, TimePoint now,
                                      bool at_once) {
    const auto lead = choose_lead(tracks, now, at_once);
    if (!lead) return {};
    const auto segment = first_segment(tracks[*lead], settings, at_once);
    if (!segment) return {};
    const bool waited = at_once || now - segment->whole_since >= kPatience;
    if (!waited && !others_are_ready(tracks, *segment)) return {};

    Plan plan;
    plan.lead = *lead;
    std::vector<Cadence> joining;
    for (const TrackInput& track : tracks) {
        plan.joins.push_back(has_media(track));
        plan.cadences.push_back(track.format() ? learned_cadence(*track.format(), decode_times(track)) : Cadence{});
        if (plan.joins.back()) joining.push_back(plan.cadences.back());
    }
    plan.promises.part_target = fit_part_target(settings.part_duration, joining);
    const Duration margin = overhang(plan.promises.part_target, longest_audio_frame(tracks, plan.cadences));
    plan.promises.target_duration = target_duration(settings.segment_duration, segment->length, margin);
    plan.promises.program_date_time = settings.program_date_time;
    plan.promises.playlist_name = settings.playlist_name;
    const Duration window = playlist_window(settings, plan.promises);
    plan.promises.can_skip = window > plan.promises.skip_until() + plan.promises.target();
    return plan;
}

Duration overhang(std::uint32_t part_target, Duration audio_frame) {
    return audio_frame + duration_of(part_target, kPrinted) * 15 / 100;
}

Duration playlist_window(const Settings& settings, const Promises& promises) {
    return std::max({settings.window, settings.dvr_window, kFewestTargets * promises.target()});
}

}  // namespace millrace::hls
