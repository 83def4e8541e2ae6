// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/nack_responder.hpp"

#include <algorithm>

#include "webrtc/core/rtp/rtp_header.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::uint64_t kHeaders = 12 + 8 + kRtxHeaderSize;  // about what is around a payload

}  // namespace

std::vector<Resend> NackResponder::answer(std::span<const std::uint16_t> lost, const MediaRing& ring,
                                          const Viewer& viewer, TimePoint now) {
    if (how_ == Retransmission::none) return {};
    auto rate = static_cast<std::uint64_t>(static_cast<double>(ring.bytes_per_second()) * limits_.share);
    rate = rate == 0 ? limits_.least_saved : rate;
    auto saved = rate * static_cast<std::uint64_t>(limits_.saved / 1ms) / 1000;
    budget_.refill(now, rate, std::max(saved, limits_.least_saved));
    forget_before(now - std::max(viewer.round_trip, limits_.shortest_round_trip));

    std::vector<Resend> resends;
    for (std::uint16_t number : lost) {
        auto slot = wanted(number, ring, viewer);
        bool sent = slot && sent_.size() < limits_.remembered && budget_.spend(slot->payload().size() + kHeaders);
        if (!sent) {
            ++refused_;
            continue;
        }
        sent_.push_back({slot->sequence(), now});
        Resend& resend = resends.emplace_back(Resend{*slot, std::nullopt});
        if (how_ == Retransmission::rtx) resend.rtx_sequence = rtx_sequence_++;
    }
    return resends;
}

std::optional<Slot> NackResponder::wanted(std::uint16_t lost, const MediaRing& ring, const Viewer& viewer) const {
    auto sequence = unwrap_before(lost, viewer.cursor);
    // What it was never sent it cannot have lost; and before its first its rollover counter would be below 0.
    if (!sequence || *sequence < viewer.first || sent_lately(*sequence)) return std::nullopt;
    return ring.find(*sequence);
}

void NackResponder::forget_before(TimePoint time) {
    auto kept = std::find_if(sent_.begin(), sent_.end(), [&](const Sent& sent) { return sent.at > time; });
    sent_.erase(sent_.begin(), kept);
}

bool NackResponder::sent_lately(std::uint64_t sequence) const {
    return std::any_of(sent_.begin(), sent_.end(), [&](const Sent& sent) { return sent.sequence == sequence; });
}

}  // namespace millrace::webrtc
