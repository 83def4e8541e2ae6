// SPDX-License-Identifier: LGPL-2.1-or-later
// How long to wait before trying again: 1 s, doubling to 30 s; a healthy minute starts over. Reads no clock.
#pragma once

#include <algorithm>

#include "common/base/time.hpp"

namespace millrace::launcher {

class Backoff {
  public:
    // It works since `now`.
    void healthy(TimePoint now) { healthy_since_ = now; }

    // It failed at `now`: the wait before the next try.
    Duration failed(TimePoint now) {
        if (healthy_since_ != kNever && now - healthy_since_ >= kHealthy) next_ = kFirst;
        healthy_since_ = kNever;
        Duration wait = next_;
        next_ = std::min(next_ * 2, kLongest);
        return wait;
    }

  private:
    static constexpr Duration kFirst = 1s;
    static constexpr Duration kLongest = 30s;
    static constexpr Duration kHealthy = 60s;

    Duration next_ = kFirst;
    TimePoint healthy_since_ = kNever;
};

}  // namespace millrace::launcher
