// SPDX-License-Identifier: LGPL-2.1-or-later
// A token bucket: so many bytes a second, saved up to a limit.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/base/time.hpp"

namespace millrace::webrtc {

class ByteBudget {
  public:
    // Adds what has come in since the last call; the first fills the bucket.
    void refill(TimePoint now, std::uint64_t bytes_per_second, std::uint64_t limit) {
        if (!started_) {
            started_ = true;
            left_ = limit;
            since_ = now;
            return;
        }
        // Longer than a bucket takes to fill is as good as that.
        std::int64_t elapsed = std::clamp<std::int64_t>((now - since_) / 1us, 0, 60'000'000);
        std::uint64_t earned = static_cast<std::uint64_t>(elapsed) * bytes_per_second / 1'000'000;
        // The time that has earned no whole byte yet is kept.
        if (earned > 0) since_ = now;
        left_ = std::min(left_ + earned, limit);
    }

    [[nodiscard]] bool spend(std::uint64_t bytes) {
        if (bytes > left_) return false;
        left_ -= bytes;
        return true;
    }

  private:
    bool started_ = false;
    std::uint64_t left_ = 0;
    TimePoint since_;
};

}  // namespace millrace::webrtc
