// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/receiver_estimate.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

constexpr std::size_t kRememberedPackets = 1024;  // 4 KiB; three seconds of 2.5 Mbit/s
constexpr Duration kWindow = 500ms;
constexpr Duration kPause = 5s;  // after which measuring begins anew

}  // namespace

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

void ReceiverEstimate::on_sent(std::uint16_t transport_sequence, std::size_t size) {
    if (sent_.empty()) sent_.resize(kRememberedPackets);
    auto kept = static_cast<std::uint16_t>(std::min<std::size_t>(size, 0xffff));
    sent_[transport_sequence % kRememberedPackets] = {transport_sequence, kept};
}

void ReceiverEstimate::on_feedback(const TransportFeedback& feedback) {
    if (sent_.empty()) return;
    for (const TransportFeedback::Arrival& arrival : feedback.arrivals) {
        Sent& sent = sent_[arrival.sequence % kRememberedPackets];
        if (sent.sequence != arrival.sequence || sent.size == 0) continue;
        measure(sent.size, arrival.at);
        sent.size = 0;
    }
}

void ReceiverEstimate::measure(std::size_t size, Duration at) {
    bool broken = window_at_ && (at < *window_at_ - kWindow || at > *window_at_ + kPause);
    if (!window_at_ || broken) {
        // The first packet says when, not how much.
        window_at_ = at;
        window_bytes_ = 0;
        return;
    }
    window_bytes_ += size;
    Duration elapsed = at - *window_at_;
    if (elapsed < kWindow) return;
    delivered_ = window_bytes_ * 8 * 1000 / static_cast<std::uint64_t>(elapsed / 1ms);
    window_at_ = at;
    window_bytes_ = 0;
}

}  // namespace millrace::webrtc
