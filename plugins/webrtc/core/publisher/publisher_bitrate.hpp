// SPDX-License-Identifier: LGPL-2.1-or-later
// What a publisher is told that it may send (REMB), where it does not adapt by itself to what transport-wide feedback
// tells it. More while no queue grows and the last word is used, less at once when one does or much is lost.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.hpp"
#include "webrtc/core/rtp/delay_trend.hpp"
#include "webrtc/core/rtp/rate_window.hpp"

namespace millrace::webrtc {

class PublisherBitrate {
  public:
    // A picture of 720 lines. Who is told less begins with a small one, and needs a minute to become large.
    static constexpr std::uint64_t kFirst = 2'500'000;
    static constexpr std::uint64_t kLeast = 100'000;
    static constexpr std::uint64_t kMost = 50'000'000;

    // 0: no limit.
    explicit PublisherBitrate(std::uint64_t most);

    // `abs_send_time` as in the header extension: 24 bits, seconds in 6.18 fixed point.
    void on_packet(std::size_t size, std::optional<std::uint32_t> abs_send_time, TimePoint now);
    // 0 to 1, since the last time.
    void on_loss(double share);
    // Some times a second.
    void update(TimePoint now);

    [[nodiscard]] std::uint64_t bits_per_second() const { return rate_; }

  private:
    void lower_to(std::uint64_t rate, TimePoint now);
    void raise(Duration passed);

    std::uint64_t most_;
    std::uint64_t rate_;
    RateWindow arrives_{1s};
    DelayTrend delay_;
    std::optional<std::uint32_t> newest_send_time_;
    std::int64_t sent_ = 0;  // the same, without its wrapping
    std::optional<Duration> judged_at_;
    double loss_ = 0;
    bool lowered_ = false;
    std::optional<TimePoint> lowered_at_;
    std::optional<TimePoint> updated_at_;
};

}  // namespace millrace::webrtc
