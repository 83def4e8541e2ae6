// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known of the way to one viewer, from what it reports: round trip, loss, and what it thinks it can take.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc {

class ReceiverEstimate {
  public:
    // Of the stream whose loss counts, which is video where there is any. `now` is the clock of the sender reports.
    void on_report(const ReportBlock& report, NtpTime now);
    void on_bitrate(const BitrateEstimate& estimate, TimePoint now);

    // Smoothed as RFC 6298 2. does; 0 until it is known.
    [[nodiscard]] Duration round_trip() const { return round_trip_; }
    // 0 to 1, in the last report.
    [[nodiscard]] double loss() const { return loss_; }
    // What the viewer thinks it can take, unless it said so longer than `oldest` ago.
    [[nodiscard]] std::optional<std::uint64_t> bits_per_second(TimePoint now, Duration oldest) const;

  private:
    Duration round_trip_{};
    double loss_ = 0;

    std::uint64_t bitrate_ = 0;
    std::optional<TimePoint> bitrate_at_;
};

}  // namespace millrace::webrtc
