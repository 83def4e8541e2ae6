// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/arrival_log.hpp"

#include <algorithm>

#include "webrtc/core/rtp/transport_feedback_writer.hpp"

namespace millrace::webrtc {

namespace {

// So that what is a little older than the first is no negative number.
constexpr std::uint64_t kFirstRound = 0x100000000;

}  // namespace

void ArrivalLog::start_at(std::uint64_t index) {
    arrived_.assign(kRemembered, std::nullopt);
    untold_ = index;
    newest_ = index;
}

void ArrivalLog::on_packet(std::uint16_t transport_sequence, TimePoint now) {
    if (!newest_) start_at(kFirstRound | transport_sequence);
    const auto step = static_cast<std::int16_t>(transport_sequence - static_cast<std::uint16_t>(*newest_));
    const std::uint64_t index = *newest_ + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
    if (index > *newest_) {
        if (index - untold_ >= kRemembered) {
            start_at(index);
        } else {
            for (std::uint64_t between = *newest_ + 1; between < index; ++between) place(between).reset();
            place(index).reset();
            newest_ = index;
        }
    } else if (*newest_ - index >= kRemembered / 2) {
        return;  // too old for anybody to wait for
    }
    if (place(index)) return;
    place(index) = now;
    // One that was told as lost is told again, with what came behind it.
    untold_ = std::min(untold_, index);
    if (!has_news_) due_ = now + kInterval;
    has_news_ = true;
}

std::optional<TransportFeedback> ArrivalLog::take() {
    if (!has_news_ || !newest_) return {};
    TransportFeedback feedback;
    feedback.base_sequence = static_cast<std::uint16_t>(untold_);
    std::optional<TimePoint> before;
    std::uint64_t index = untold_;
    for (; index <= *newest_ && index - untold_ < kMostAtOnce; ++index) {
        const auto& at = place(index);
        if (!at) continue;
        const Duration step = before ? *at - *before : Duration{};
        if (step > kMostFeedbackDelta || step < -kMostFeedbackDelta) break;
        feedback.arrivals.push_back({static_cast<std::uint16_t>(index), at->time_since_epoch()});
        before = at;
    }
    feedback.packets = static_cast<std::uint16_t>(index - untold_);
    feedback.count = count_++;
    untold_ = index;
    has_news_ = untold_ <= *newest_;
    return feedback;
}

}  // namespace millrace::webrtc
