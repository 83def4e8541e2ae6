// SPDX-License-Identifier: LGPL-2.1-or-later
// Delays in steps of a millisecond up to two seconds: what millions of samples leave of themselves.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/base/time.hpp"

namespace millrace::webrtc::test {

class DelayHistogram {
  public:
    void add(Duration delay) {
        const auto step = std::clamp<std::int64_t>(delay / 1ms, 0, kSteps - 1);
        ++counts_[static_cast<std::size_t>(step)];
        ++samples_;
    }
    void clear() { *this = {}; }
    // `share` of all samples are not above it, in ms.
    [[nodiscard]] int percentile(double share) const {
        auto below = static_cast<std::uint64_t>(share * static_cast<double>(samples_));
        for (int step = 0; step < kSteps; ++step) {
            const std::uint64_t here = counts_[static_cast<std::size_t>(step)];
            if (below < here) return step;
            below -= here;
        }
        return kSteps;
    }

  private:
    static constexpr int kSteps = 2000;
    std::array<std::uint64_t, kSteps> counts_{};
    std::uint64_t samples_ = 0;
};

}  // namespace millrace::webrtc::test
