// SPDX-License-Identifier: LGPL-2.1-or-later
// One viewer of a stream that has several rungs: what its way carries, and what it is sent for that. Not made for who
// has nothing to choose from.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "webrtc/core/rtp/congestion.hpp"
#include "webrtc/core/viewer/prober.hpp"
#include "webrtc/core/viewer/rung_choice.hpp"

namespace millrace::webrtc {

class Adaptation {
  public:
    Adaptation(RungId on, std::optional<RungId> pinned, TimePoint now, const ChoiceLimits& limits = {})
        : choice_(on, pinned, now, limits) {}

    [[nodiscard]] Congestion& link() { return link_; }

    struct Means {
        bool resends = false;   // what it has been sent can be sent again, and costs the receiver nothing
        bool owes = false;      // resends that it waits for
        Duration round_trip{};  // 0: not known
    };
    // Whenever something is heard of the way, and otherwise as often as is_due() says.
    void look(std::span<const RungInfo> rungs, const Means& means, TimePoint now);
    [[nodiscard]] bool is_due(TimePoint now) const { return now >= next_look_; }

    [[nodiscard]] RungId on() const { return choice_.on(); }
    [[nodiscard]] const std::optional<RungChoice::Move>& move() const { return choice_.move(); }
    void moved(TimePoint now);
    // Where too much was sent: when the queue that it made has room again for a key frame, and what may be sent then,
    // bytes a second, as long as that catches up.
    [[nodiscard]] TimePoint clears_at() const { return clears_at_; }
    [[nodiscard]] std::optional<std::uint64_t> narrow() const { return narrow_; }
    void caught_up() { narrow_.reset(); }
    // It is sent more than the rung for a moment, to catch up.
    void catches_up(TimePoint now);

    // Beyond the rung: packets that it has already, to see whether there is room.
    [[nodiscard]] std::size_t probe_due(TimePoint now) const { return prober_.due(now); }
    void on_probed(std::size_t bytes, TimePoint now);
    [[nodiscard]] TimePoint probe_at() const { return prober_.ready_at(); }

  private:
    void leave(std::span<const RungInfo> rungs, std::uint64_t sent, TimePoint now);
    void find_room(std::span<const RungInfo> rungs, const Means& means, TimePoint now);
    void end_probe(std::span<const RungInfo> rungs, TimePoint now);

    Congestion link_;
    RungChoice choice_;
    Prober prober_;
    std::optional<RungInfo> probed_;
    TimePoint clears_at_;
    std::optional<std::uint64_t> narrow_;
    TimePoint next_look_;
};

}  // namespace millrace::webrtc
