// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known of the way to one viewer, from what it reports: round trip, loss, and how much gets through.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/time.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc {

class ReceiverEstimate {
  public:
    // Of the stream whose loss counts, which is video where there is any. `now` is the clock of the sender reports.
    void on_report(const ReportBlock& report, NtpTime now);
    void on_bitrate(const BitrateEstimate& estimate, TimePoint now);

    // Only where transport-wide sequence numbers were negotiated; `size` in bytes, as sent.
    void on_sent(std::uint16_t transport_sequence, std::size_t size);
    void on_feedback(const TransportFeedback& feedback);

    // Smoothed as RFC 6298 2. does; 0 until it is known.
    [[nodiscard]] Duration round_trip() const { return round_trip_; }
    // 0 to 1, in the last report.
    [[nodiscard]] double loss() const { return loss_; }
    // What the viewer thinks it can take, unless it said so longer than `oldest` ago.
    [[nodiscard]] std::optional<std::uint64_t> bits_per_second(TimePoint now, Duration oldest) const;
    // What reached it, measured over the last half second and more; nothing without feedback.
    [[nodiscard]] std::optional<std::uint64_t> delivered_bits_per_second() const { return delivered_; }

  private:
    struct Sent {
        std::uint16_t sequence = 0;
        std::uint16_t size = 0;  // 0: not sent, or told of already
    };

    void measure(std::size_t size, Duration at);

    Duration round_trip_{};
    double loss_ = 0;

    std::uint64_t bitrate_ = 0;
    std::optional<TimePoint> bitrate_at_;

    std::vector<Sent> sent_;             // by the low bits of the sequence number
    std::optional<Duration> window_at_;  // when the measured time began
    std::uint64_t window_bytes_ = 0;     // what has come since
    std::optional<std::uint64_t> delivered_;
};

}  // namespace millrace::webrtc
