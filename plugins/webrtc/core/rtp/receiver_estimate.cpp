// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/receiver_estimate.hpp"

#include <algorithm>

namespace millrace::webrtc {

void ReceiverEstimate::on_report(const ReportBlock& report, NtpTime now) {
    loss_ = report.fraction_lost / 256.0;
    if (report.last_report == 0) return;
    // RFC 3550 6.4.1, figure 2. What cannot be is a clock that was set, or a lie.
    std::uint32_t elapsed = now.compact() - report.last_report - report.since_last_report;
    constexpr std::uint32_t kLongest = 30U << 16;
    if (elapsed > kLongest) return;
    // Equal compact times are a round trip of less than their resolution.
    Duration measured = std::max<Duration>(from_compact_ntp(elapsed), 1us);
    round_trip_ = round_trip_ == Duration{} ? measured : (round_trip_ * 7 + measured) / 8;
}

void ReceiverEstimate::on_bitrate(const BitrateEstimate& estimate, TimePoint now) {
    bitrate_ = estimate.bits_per_second;
    bitrate_at_ = now;
}

std::optional<std::uint64_t> ReceiverEstimate::bits_per_second(TimePoint now, Duration oldest) const {
    if (!bitrate_at_ || now - *bitrate_at_ > oldest) return std::nullopt;
    return bitrate_;
}

}  // namespace millrace::webrtc
