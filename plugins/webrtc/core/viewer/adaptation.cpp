// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/adaptation.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

constexpr Duration kLookEvery = 50ms;
// A key frame, sent faster than the rung, and the queue that it makes.
constexpr Duration kSettles = 300ms;
// A probe is over: so is what it left behind.
constexpr Duration kProbeSettles = 300ms;

constexpr Duration kLongestClearing = 250ms;  // a picture that stands still longer is worse than one that may be lost
constexpr double kCatchesUp = 1.2;            // of the rung's rate, or it never would

constexpr double kProbes = 1.15;  // of the next rung's rate
constexpr Duration kFeedbackTakes = 250ms;

constexpr Duration kQuiet = 40ms;  // a queue that nothing is made of; with more there is no room to look for
// What a viewer says that it can take grows with what it is sent: it never says the next rung's rate by itself.
constexpr double kSaysMore = 1.3;

}  // namespace

void Adaptation::look(std::span<const RungInfo> rungs, const Means& means, TimePoint now) {
    next_look_ = now + kLookEvery;
    choice_.see(rungs, now);
    const bool leaves = choice_.move() && choice_.move()->at_once;
    if (leaves) return prober_.stop();
    const auto on = std::ranges::find(rungs, choice_.on(), &RungInfo::id);
    if (on == rungs.end()) return;
    if (link_.sign(on->sent, now)) {
        // Too much was sent, but it was not the rung that was.
        if (prober_.runs()) {
            prober_.stop();
            choice_.no_room(now);
            return link_.judge_from(now + kProbeSettles);
        }
        return leave(rungs, on->sent, now);
    }
    find_room(rungs, means, now);
}

// A key frame that is sent into a full queue is lost, and one that is large fills a short queue by itself.
void Adaptation::leave(std::span<const RungInfo> rungs, std::uint64_t sent, TimePoint now) {
    const std::uint64_t carries = link_.carries(sent, now);
    const Duration backlog = link_.backlog(sent, now);
    choice_.leave(rungs, carries, now);
    link_.judge_from(now + kSettles);
    if (!choice_.move()) return;
    clears_at_ = now + std::min(backlog, kLongestClearing);
    const auto to = std::ranges::find(rungs, choice_.move()->to, &RungInfo::id);
    const auto least = static_cast<std::uint64_t>(static_cast<double>(to->bits_per_second) * kCatchesUp);
    narrow_ = std::max(carries, least) / 8;
}

void Adaptation::find_room(std::span<const RungInfo> rungs, const Means& means, TimePoint now) {
    prober_.listen(link_.queued(), link_.loss(), now);
    if (prober_.state() == Prober::State::no_room || prober_.state() == Prober::State::room)
        return end_probe(rungs, now);
    if (prober_.runs() || means.owes) return;
    const auto next = choice_.next_up(rungs, now);
    if (!next) return;
    const auto on = std::ranges::find(rungs, choice_.on(), &RungInfo::id);
    if (link_.hears_feedback() && means.resends) {
        if (link_.queued() > kQuiet) return;
        probed_ = next;
        const auto target = static_cast<std::uint64_t>(static_cast<double>(next->bits_per_second) * kProbes);
        return prober_.begin(on->sent, target, link_.queued(), kFeedbackTakes + means.round_trip, now);
    }
    // No other way to find out than to climb. What it says that it can take may speak against that.
    const auto enough =
        std::min(next->bits_per_second, static_cast<std::uint64_t>(static_cast<double>(on->sent) * kSaysMore));
    if (link_.estimate(now).value_or(enough) >= enough) choice_.climb(next->id, now);
}

void Adaptation::end_probe(std::span<const RungInfo> rungs, TimePoint now) {
    const bool room = prober_.state() == Prober::State::room;
    prober_.stop();
    link_.judge_from(now + kProbeSettles);
    const bool still_there = probed_ && std::ranges::find(rungs, probed_->id, &RungInfo::id) != rungs.end();
    if (room && still_there) return choice_.climb(probed_->id, now);
    if (!room) choice_.no_room(now);
}

void Adaptation::moved(TimePoint now) {
    choice_.moved(now);
    prober_.stop();
    link_.judge_from(now + kSettles);
}

void Adaptation::catches_up(TimePoint now) {
    link_.judge_from(now);
}

void Adaptation::on_probed(std::size_t bytes, TimePoint now) {
    prober_.on_sent(bytes);
    prober_.wait(now);
}

}  // namespace millrace::webrtc
