// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/rung_choice.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

const RungInfo* find(std::span<const RungInfo> rungs, RungId id) {
    auto found = std::ranges::find(rungs, id, &RungInfo::id);
    return found == rungs.end() ? nullptr : &*found;
}

bool flows(std::span<const RungInfo> rungs, RungId id) {
    const RungInfo* rung = find(rungs, id);
    return rung != nullptr && rung->flows;
}

std::size_t place_of(std::span<const RungInfo> rungs, RungId id) {
    return static_cast<std::size_t>(std::ranges::find(rungs, id, &RungInfo::id) - rungs.begin());
}

}  // namespace

std::optional<RungId> RungChoice::first(std::span<const RungInfo> rungs, std::optional<RungId> pinned,
                                        const ChoiceLimits& limits) {
    if (pinned && flows(rungs, *pinned)) return pinned;
    std::optional<RungId> chosen;
    for (const RungInfo& rung : rungs) {
        if (!rung.flows) continue;
        chosen = rung.id;
        if (rung.bits_per_second > 0 && rung.bits_per_second <= limits.start) break;
    }
    if (!chosen && !rungs.empty()) chosen = rungs.back().id;
    return chosen;
}

void RungChoice::go(RungId to, bool at_once, bool up, TimePoint now) {
    move_ = Move{to, at_once, up, now};
    calm_since_ = now;
}

void RungChoice::moved(TimePoint now) {
    if (!move_) return;
    if (move_->up) climbed_ = now;
    on_ = move_->to;
    if (missed_ == on_) missed_.reset();
    move_.reset();
    calm_since_ = now;
}

// The next lower one, or else the next higher one.
std::optional<RungId> RungChoice::flowing_near(std::span<const RungInfo> rungs) const {
    const std::size_t place = place_of(rungs, move_ ? move_->to : on_);
    std::optional<RungId> higher;
    for (std::size_t i = 0; i < rungs.size(); ++i) {
        if (!rungs[i].flows) continue;
        if (i > place) return rungs[i].id;
        if (i < place) higher = rungs[i].id;
    }
    // One that is gone has no place, and all are lower.
    if (place == rungs.size() && higher) return std::ranges::find(rungs, true, &RungInfo::flows)->id;
    return higher;
}

void RungChoice::see(std::span<const RungInfo> rungs, TimePoint now) {
    if (move_ && !move_->at_once && !flows(rungs, move_->to)) move_.reset();
    const RungId wanted = move_ ? move_->to : on_;
    const bool lost = !flows(rungs, wanted);
    if (lost) {
        // With nothing else to show, what comes next of it is as good as anything.
        if (auto near = flowing_near(rungs)) {
            if (!missed_) missed_ = wanted;
            go(*near, true, false, now);
        }
        return;
    }
    if (move_) return;
    const std::optional<RungId> back = pinned_ ? pinned_ : missed_;
    if (back && *back != on_ && flows(rungs, *back)) go(*back, !flows(rungs, on_), false, now);
}

void RungChoice::set_calm() {
    auto doubled = [this](unsigned times, Duration most) {
        return std::min(limits_.calm * (std::int64_t{1} << std::min(times, 8U)), most);
    };
    calm_ = std::max(doubled(failed_probes_, limits_.calm_after_probes),
                     doubled(failed_climbs_, limits_.calm_after_climbs));
}

void RungChoice::count_failed_climb(TimePoint now) {
    if (!climbed_) return;
    failed_climbs_ = now - *climbed_ < limits_.proves ? failed_climbs_ + 1 : 0;
    climbed_.reset();
    set_calm();
}

void RungChoice::leave(std::span<const RungInfo> rungs, std::uint64_t carries, TimePoint now) {
    calm_since_ = now;
    if (pinned_ || (move_ && move_->at_once)) return;
    move_.reset();
    missed_.reset();
    count_failed_climb(now);
    const auto limit = static_cast<std::uint64_t>(static_cast<double>(carries) * limits_.fits);
    std::optional<RungId> chosen;
    for (std::size_t i = place_of(rungs, on_) + 1; i < rungs.size(); ++i) {
        if (!rungs[i].flows) continue;
        chosen = rungs[i].id;
        if (rungs[i].bits_per_second > 0 && rungs[i].bits_per_second <= limit) break;
    }
    if (chosen) go(*chosen, true, false, now);
}

std::optional<RungInfo> RungChoice::next_up(std::span<const RungInfo> rungs, TimePoint now) const {
    if (pinned_ || move_ || now - calm_since_ < calm_) return std::nullopt;
    for (std::size_t i = std::min(place_of(rungs, on_), rungs.size()); i-- > 0;)
        if (rungs[i].flows && rungs[i].bits_per_second > 0) return rungs[i];
    return std::nullopt;
}

void RungChoice::no_room(TimePoint now) {
    ++failed_probes_;
    calm_since_ = now;
    set_calm();
}

void RungChoice::climb(RungId to, TimePoint now) {
    failed_probes_ = 0;
    if (climbed_ && now - *climbed_ >= limits_.proves) failed_climbs_ = 0;
    set_calm();
    go(to, false, true, now);
}

}  // namespace millrace::webrtc
