// SPDX-License-Identifier: LGPL-2.1-or-later
// Which rung a viewer is sent: down at once when its way carries less, up again step by step and ever more carefully
// where that failed. Decides only; what the way carries is found out elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/base/time.hpp"
#include "webrtc/core/viewer/live_rungs.hpp"

namespace millrace::webrtc {

struct ChoiceLimits {
    // Where viewers start, at most: nothing is known of their way yet. Nearly all ways carry this much, and who starts
    // too high sees a picture that stands still first, who starts lower a coarser one for some seconds.
    std::uint64_t start = 2'900'000;   // an encoder's 2.5 Mbit/s, with what is around it and sound
    double fits = 0.85;                // of what was seen to get through: the rest is for large pictures and resends
    Duration calm = 3s;                // between trouble and a first attempt to climb
    Duration calm_after_probes = 8s;   // at most, however often there was no room: a probe costs next to nothing
    Duration calm_after_climbs = 60s;  // the same after climbs that had to be taken back, which viewers see
    Duration proves = 10s;             // as long as a climb has to last to count as one that succeeded
};

class RungChoice {
  public:
    struct Move {
        RungId to = 0;
        bool at_once = false;  // no more of the old one, though there is no key frame of the new one yet
        bool up = false;
        TimePoint since;
    };

    // Of rungs in their order, the one to start with; nothing where there is none.
    static std::optional<RungId> first(std::span<const RungInfo> rungs, std::optional<RungId> pinned,
                                       const ChoiceLimits& limits = {});

    // `pinned` is one that the viewer asked for: it is sent that as long as there is any of it.
    RungChoice(RungId on, std::optional<RungId> pinned, TimePoint now, const ChoiceLimits& limits = {})
        : limits_(limits), pinned_(pinned), on_(on), calm_since_(now), calm_(limits.calm) {}

    [[nodiscard]] RungId on() const { return on_; }
    [[nodiscard]] const std::optional<Move>& move() const { return move_; }
    // The viewer is sent the rung that it was to move to.
    void moved(TimePoint now);

    // A rung that is gone or has fallen silent is left, and taken again when it is back.
    void see(std::span<const RungInfo> rungs, TimePoint now);
    // Too much was sent, of which so many bit/s get through.
    void leave(std::span<const RungInfo> rungs, std::uint64_t carries, TimePoint now);
    // The rung to climb to, if it is time to try.
    [[nodiscard]] std::optional<RungInfo> next_up(std::span<const RungInfo> rungs, TimePoint now) const;
    void no_room(TimePoint now);
    void climb(RungId to, TimePoint now);

  private:
    void go(RungId to, bool at_once, bool up, TimePoint now);
    [[nodiscard]] std::optional<RungId> flowing_near(std::span<const RungInfo> rungs) const;
    void count_failed_climb(TimePoint now);
    void set_calm();

    ChoiceLimits limits_;
    std::optional<RungId> pinned_;
    RungId on_;
    std::optional<Move> move_;
    std::optional<RungId> missed_;  // left because it was silent
    TimePoint calm_since_;          // no trouble, and no change
    Duration calm_;                 // for so long, then the next attempt
    std::optional<TimePoint> climbed_;
    unsigned failed_probes_ = 0;
    unsigned failed_climbs_ = 0;
};

}  // namespace millrace::webrtc
