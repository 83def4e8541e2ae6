// SPDX-License-Identifier: LGPL-2.1-or-later
// Leaves pictures out so that no more than so many a second stay, evenly; key frames always stay.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.hpp"

namespace millrace::ladder {

class FrameRateLimit {
  public:
    // `most` frames/s; 0 = no limit.
    explicit FrameRateLimit(std::uint32_t most)
        : interval_(most > 0 ? Duration(1'000'000'000 / std::int64_t{most}) : Duration()) {}

    // `frame` is how long the picture is shown; zero when unknown. Half of it is how much too early a picture may be:
    // of 50 a second every second one stays where 30 are allowed, and timestamps may tremble.
    bool keeps(Duration pts, Duration frame, bool key) {
        if (interval_ == Duration()) return true;
        const Duration slack = frame > Duration() ? frame / 2 : interval_ / 4;
        const bool due = !last_ || pts < *last_ || pts - *last_ >= interval_ - slack;
        if (!due && !key) return false;
        last_ = pts;
        return true;
    }

    // Every how many-th picture stays at a rate of so many a second.
    static std::uint32_t divisor(double rate, std::uint32_t most) {
        if (most == 0 || rate <= most) return 1;
        // One that comes half a frame too early is taken.
        auto divisor = static_cast<std::uint32_t>(rate / most);
        return divisor + (rate / most - divisor > 0.5 ? 1 : 0);
    }

  private:
    Duration interval_;
    std::optional<Duration> last_;
};

}  // namespace millrace::ladder
