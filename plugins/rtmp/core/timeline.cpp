// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/timeline.hpp"

#include <algorithm>

namespace millrace::rtmp {

namespace {

// How far from where it was expected a frame may be without anyone asking whether a clock has jumped.
constexpr Duration kSteady = 100ms;

}  // namespace

std::int64_t TimestampUnwrapper::unwrap(std::uint32_t timestamp) {
    if (!last_) {
        last_ = timestamp;
    } else {
        *last_ += static_cast<std::int32_t>(timestamp - static_cast<std::uint32_t>(*last_));
    }
    return *last_;
}

Timeline::Mapped Timeline::map(unsigned id, Duration dts, Duration pts, TimePoint arrived) {
    auto known = std::find_if(tracks_.begin(), tracks_.end(), [id](const Track& t) { return t.id == id; });
    if (known == tracks_.end()) {
        Track& begun = begin(id, dts, arrived);
        return {begun.last_dts, begun.last_dts + (pts - dts), false};
    }
    Track& track = *known;
    std::optional<Duration> jump = jump_to(track, dts, arrived);
    if (jump) track.offset = *jump;

    // Less than a jump, and yet backwards: stands still by the smallest step there is.
    Duration mapped = std::max(dts + track.offset, track.last_dts + 1ns);
    track.step = mapped - track.last_dts;
    track.last_dts = mapped;
    track.last_arrival = arrived;
    return {mapped, mapped + (pts - dts), jump.has_value()};
}

// A track's first frame goes where the others' offset puts it, unless that is nowhere near them.
Timeline::Track& Timeline::begin(unsigned id, Duration dts, TimePoint arrived) {
    Track track{id, -dts, {}, {}, arrived};
    if (!tracks_.empty()) {
        const Track& other = latest();
        track.offset = other.offset;
        Duration apart = dts + other.offset - other.last_dts;
        Duration waited = std::max(arrived - other.last_arrival, Duration::zero());
        if (apart > waited + tolerance_.forward || apart < -tolerance_.forward)
            track.offset = other.last_dts + waited - dts;
    }
    track.last_dts = dts + track.offset;
    tracks_.push_back(track);
    return tracks_.back();
}

bool Timeline::fits(const Track& track, Duration mapped, TimePoint arrived) const {
    Duration waited = std::max(arrived - track.last_arrival, Duration::zero());
    return mapped >= track.last_dts - tolerance_.backward && mapped <= track.last_dts + waited + tolerance_.forward;
}

// The offset to go on with if this frame does not go on from the one before.
std::optional<Duration> Timeline::jump_to(const Track& track, Duration dts, TimePoint arrived) const {
    auto surprise = [&](Duration offset) { return std::chrono::abs(dts + offset - (track.last_dts + track.step)); };
    // Another track may have made the same jump already: then its offset is ours, and they stay in step. That is asked
    // first, for a jump near the limit may be a jump for one track and not quite one for the other.
    if (surprise(track.offset) > kSteady)
        for (const Track& other : tracks_)
            if (fits(track, dts + other.offset, arrived) && surprise(other.offset) < surprise(track.offset))
                return other.offset;
    if (fits(track, dts + track.offset, arrived)) return {};
    // Go on where the track was expected: one frame later, or as much later as it was silent.
    Duration waited = std::max(arrived - track.last_arrival, Duration::zero());
    return track.last_dts + std::max(track.step, waited) - dts;
}

const Timeline::Track& Timeline::latest() const {
    return *std::max_element(tracks_.begin(), tracks_.end(),
                             [](const Track& a, const Track& b) { return a.last_arrival < b.last_arrival; });
}

}  // namespace millrace::rtmp
