// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/congestion.hpp"

#include <algorithm>
#include <cmath>

namespace millrace::webrtc {

namespace {

constexpr Duration kQueueGrows = 70ms;    // more than a jitter buffer makes nothing of
constexpr Duration kQueueStands = 250ms;  // not growing, but nobody calls that live
// Of what is sent: by so little getting through, the queue is not a large picture's.
constexpr double kFarLess = 0.7;

constexpr double kManyLost = 0.2;        // within moments
constexpr double kManyLostLonger = 0.1;  // repaired by now, and again
constexpr double kEnoughForLonger = 60;  // packets
constexpr double kManyAskedAgain = 0.25;
constexpr double kEnoughAsked = 20;

// Receivers say something every 250 ms at the latest; a busy one is late.
constexpr Duration kFeedbackIsLate = 1s;
constexpr unsigned kUnheard = 20;  // packets

constexpr Duration kReportCounts = 1500ms;
constexpr Duration kEstimateCounts = 5s;

}  // namespace

void FadingShare::add(double part, double whole, TimePoint now) {
    const double halves = std::chrono::duration<double>(now - at_) / std::chrono::duration<double>(half_life_);
    const double kept = std::exp2(-std::clamp(halves, 0.0, 60.0));
    at_ = now;
    part_ = part_ * kept + part;
    whole_ = whole_ * kept + whole;
}

// ---- what is sent and heard -----------------------------------------------------------------------------------------

void Congestion::on_sent(std::uint16_t transport_sequence, std::size_t size, TimePoint now) {
    sent_.add(transport_sequence, size, now);
    leaves_.on_packet(size, now.time_since_epoch());
    if (unheard_++ == 0) unheard_since_ = now;
}

void Congestion::on_feedback(const TransportFeedback& feedback, TimePoint now) {
    heard_ = now;
    unheard_ = 0;
    unheard_since_.reset();
    count_lost(feedback, now);
    for (const TransportFeedback::Arrival& arrival : feedback.arrivals) {
        const auto packet = sent_.take(arrival.sequence);
        if (!packet) continue;
        arrives_.on_packet(packet->size, arrival.at);
        delay_.on_packet(packet->at, arrival.at, packet->at >= counts_from_);
    }
}

// Those of the reported range that did not arrive, of what we sent and judge.
void Congestion::count_lost(const TransportFeedback& feedback, TimePoint now) {
    std::size_t judged = 0;
    const unsigned packets = std::min<unsigned>(feedback.packets, SentPackets::kRemembered);
    for (unsigned i = 0; i < packets; ++i)
        judged += sent_.knows(static_cast<std::uint16_t>(feedback.base_sequence + i), counts_from_) ? 1 : 0;
    std::size_t arrived = 0;
    for (const auto& arrival : feedback.arrivals) arrived += sent_.knows(arrival.sequence, counts_from_) ? 1 : 0;
    const auto lost = static_cast<double>(judged - std::min(arrived, judged));
    lately_.add(lost, static_cast<double>(judged), now);
    longer_.add(lost, static_cast<double>(judged), now);
}

void Congestion::on_nack(std::size_t lost, std::uint64_t sent, TimePoint now) {
    asked_again_.add(static_cast<double>(lost), static_cast<double>(sent), now);
}

void Congestion::on_loss_reported(double share, TimePoint now) {
    reported_loss_ = share;
    reported_at_ = now;
}

void Congestion::on_bitrate(std::uint64_t bits_per_second, TimePoint now) {
    estimate_ = bits_per_second;
    estimated_at_ = now;
}

std::optional<std::uint64_t> Congestion::estimate(TimePoint now) const {
    if (!estimated_at_ || now - *estimated_at_ > kEstimateCounts) return std::nullopt;
    return estimate_;
}

// ---- what it means --------------------------------------------------------------------------------------------------

bool Congestion::feedback_is_missing(TimePoint now) const {
    return heard_ && unheard_ >= kUnheard && now - *heard_ > kFeedbackIsLate && now - *unheard_since_ > kFeedbackIsLate;
}

bool Congestion::loses_much() const {
    if (heard_) return loss() > kManyLost || longer_.share(kEnoughForLonger) > kManyLostLonger;
    return asked_again_.share(kEnoughAsked) > kManyAskedAgain;
}

std::optional<std::string_view> Congestion::sign(std::uint64_t rate, TimePoint now) const {
    const auto arrives = arrives_.bits_per_second();
    const auto leaves = leaves_.bits_per_second();
    const bool far_less = arrives && leaves && static_cast<double>(*arrives) < kFarLess * static_cast<double>(*leaves);
    if (delay_.grows_above(kQueueGrows) || (far_less && delay_.rises_above(kQueueGrows))) return "a queue grows";
    if (delay_.stays_above(kQueueStands)) return "a queue stands";
    if (loses_much()) return "much is lost";
    if (feedback_is_missing(now)) return "nothing is heard";
    if (heard_) return std::nullopt;
    if (reported_at_ && now - *reported_at_ < kReportCounts && reported_loss_ > kManyLostLonger) return "much is lost";
    if (auto said = estimate(now); said && *said < rate) return "the viewer can take less";
    return std::nullopt;
}

std::uint64_t Congestion::carries(std::uint64_t rate, TimePoint now) const {
    if (heard_) return feedback_is_missing(now) ? 0 : arrives_.bits_per_second().value_or(rate);
    const bool reported = reported_at_ && now - *reported_at_ < kReportCounts;
    const double lost = std::max(reported ? reported_loss_ : 0, asked_again_.share(kEnoughAsked));
    const auto through = static_cast<std::uint64_t>(static_cast<double>(rate) * std::clamp(1 - lost, 0.0, 1.0));
    return std::min(through, estimate(now).value_or(through));
}

// What the newest burst waited, and what has come to it since. Where much is lost the queue is full, and no longer than
// that.
Duration Congestion::backlog(std::uint64_t rate, TimePoint now) const {
    const Duration told = delay_.queued();
    const std::uint64_t through = carries(rate, now);
    const std::uint64_t leaves = leaves_.bits_per_second().value_or(rate);
    if (!heard_ || lately_.share(1) > kManyLostLonger || through == 0 || leaves <= through) return told;
    const double grows = static_cast<double>(leaves) / static_cast<double>(through) - 1;
    const auto since = static_cast<double>(std::clamp<Duration>(now - delay_.newest(), 0s, 1s).count());
    return told + Duration(static_cast<std::int64_t>(since * grows));
}

void Congestion::judge_from(TimePoint time) {
    counts_from_ = time;
    delay_.forget_bursts();
    lately_.clear();
    longer_.clear();
    asked_again_.clear();
    reported_at_.reset();
    unheard_ = 0;
    unheard_since_.reset();
}

}  // namespace millrace::webrtc
