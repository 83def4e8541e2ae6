// SPDX-License-Identifier: LGPL-2.1-or-later
// What a machine that cannot keep up gives up, and when it takes it back: every second picture of the highest encoded
// rung, then that rung, then the same of the next. Never the last rung, and never time: nothing queues up.
#pragma once

#include <cstddef>
#include <vector>

#include "common/base/time.hpp"

namespace millrace::ladder {

enum class Keep { all, half, none };

class Overload {
  public:
    struct Limits {
        Duration late = 100ms;        // from a picture's arrival to its rung's; and three frames at the least
        Duration insist = 400ms;      // late for so long is more than a hiccup
        Duration settle = 1500ms;     // between two steps: what the last one did has to show
        Duration calm = 5s;           // on time for so long, and one step is taken back
        Duration longest_calm = 60s;  // it doubles every time that taking back was too early
    };

    explicit Overload(std::size_t rungs) : Overload(rungs, Limits{}) {}
    Overload(std::size_t rungs, const Limits& limits) : limits_(limits), calm_(limits.calm), lags_(rungs) {}

    // A picture of a rung is done, or was dropped because there was no room for it; `lag` since it arrived, `frame` is
    // how long it is shown.
    void report(std::size_t rung, Duration lag, Duration frame, TimePoint now);

    enum class Change { none, less, more };
    // Looks at what was reported; call it now and then.
    Change update(TimePoint now);

    [[nodiscard]] Keep keep(std::size_t rung) const;
    [[nodiscard]] bool thinned() const { return level_ > 0; }

  private:
    struct Lag {
        bool late = false;
        bool fast = true;  // with room to spare
    };
    [[nodiscard]] std::size_t highest_level() const { return lags_.empty() ? 0 : 2 * lags_.size() - 1; }
    Change go(std::size_t level, TimePoint now);

    Limits limits_;
    Duration calm_;
    std::vector<Lag> lags_;
    std::size_t level_ = 0;  // 1: half of the highest rung, 2: nothing of it, 3: half of the next …
    TimePoint changed_ = TimePoint::min();
    TimePoint late_since_ = kNever;
    TimePoint fast_since_ = kNever;
    bool took_back_ = false;  // the last step was one back
};

}  // namespace millrace::ladder
