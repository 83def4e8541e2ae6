// SPDX-License-Identifier: LGPL-2.1-or-later
// How fast a viewer that joins catches up: at a multiple of the stream's rate, in small bursts. A whole group of
// pictures at once would overflow the queues on its way.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/time.hpp"

namespace millrace::webrtc {

struct PacerLimits {
    unsigned times = 5;             // the stream's rate; 3 to 8 are sensible
    std::size_t burst = 16'000;     // bytes at once
    std::uint64_t least = 500'000;  // bytes a second, also as long as the stream's rate is unknown
};

class Pacer {
  public:
    explicit Pacer(const PacerLimits& limits) : limits_(limits), rate_(limits.least > 0 ? limits.least : 1) {}

    // 0: not known yet.
    void follow(std::uint64_t stream_bytes_per_second);
    // No faster, and no more at once than a short queue holds.
    void keep_to(std::uint64_t bytes_per_second);
    [[nodiscard]] bool may_send(TimePoint now) const { return free_at_ <= now; }
    void on_sent(std::size_t bytes, TimePoint now);
    // When half a burst may be sent: waking up for each packet would be too often.
    [[nodiscard]] TimePoint ready_at() const;

  private:
    [[nodiscard]] Duration time_of(std::size_t bytes) const;

    PacerLimits limits_;
    std::uint64_t rate_;
    std::size_t burst_ = limits_.burst;
    TimePoint free_at_;
};

}  // namespace millrace::webrtc
