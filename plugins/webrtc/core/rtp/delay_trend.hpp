// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a queue grows on the way to a receiver, told by how long packets are on their way. The clocks of both ends
// need not agree: what counts is how much longer than the quickest of late.
//
// A frame leaves as one burst, and a large one fills a queue by itself for a moment. So only the first packet of a
// burst is looked at: what it waits for was there before.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "common/base/time.hpp"

namespace millrace::webrtc {

class DelayTrend {
  public:
    // In the order of sending; of those that arrived. What is not `judged` may still have been the quickest.
    void on_packet(TimePoint sent, Duration arrived, bool judged = true);

    // What the newest burst waited.
    [[nodiscard]] Duration queued() const { return count_ == 0 ? Duration{} : burst(0).queued; }
    [[nodiscard]] TimePoint newest() const { return burst(0).sent; }
    // Each of the last bursts waited for more than `level`, and not less than those before.
    [[nodiscard]] bool grows_above(Duration level) const;
    // What each of the last bursts waited at least: one that is late by itself is no queue.
    [[nodiscard]] Duration standing() const;
    // The newest burst waited longer than the one before it, and for more than `level`.
    [[nodiscard]] bool rises_above(Duration level) const;
    // For a second no burst has waited less than `level`.
    [[nodiscard]] bool stays_above(Duration level) const;

    // What was sent before says nothing of what is sent now.
    void forget_bursts() { count_ = 0; }

  private:
    struct Burst {
        TimePoint sent;
        Duration queued{};
    };
    static constexpr std::size_t kBursts = 64;  // more than a second of sound and picture

    [[nodiscard]] const Burst& burst(std::size_t ago) const { return bursts_[(at_ + kBursts - ago) % kBursts]; }
    Duration above_quickest(TimePoint sent, Duration way);

    std::array<Burst, kBursts> bursts_{};
    std::size_t at_ = 0;
    std::size_t count_ = 0;
    // Of this stretch of time and the one before it: a clock that drifts, and a way that has become longer, are
    // forgotten.
    std::optional<Duration> quickest_;
    std::optional<Duration> quickest_before_;
    TimePoint stretch_began_;
};

}  // namespace millrace::webrtc
