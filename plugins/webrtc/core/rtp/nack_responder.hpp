// SPDX-License-Identifier: LGPL-2.1-or-later
// What of a viewer's NACKs is answered: what the ring still has, once a round trip, within a share of the stream's
// rate. One a viewer and track. A viewer that asks for everything, for ever, costs the share and no more.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "webrtc/core/rtp/byte_budget.hpp"
#include "webrtc/core/rtp/media_ring.hpp"

namespace millrace::webrtc {

struct NackLimits {
    double share = 0.5;   // of the stream's rate, for what is sent again
    Duration saved = 1s;  // how much of that may be sent at once: a lost key frame is several frames' worth
    std::uint64_t least_saved = 64'000;   // bytes; also the rate a second as long as the stream's is unknown
    Duration shortest_round_trip = 10ms;  // between two answers to the same loss, whatever the measured one
    std::size_t remembered = 128;         // packets sent again within the last round trip
};

// How losses are made good.
enum class Retransmission {
    plain,  // the same packet again; only where RtpHeader::repeatable()
    rtx,    // in a stream of its own (RFC 4588)
    none,   // neither is possible
};

struct Resend {
    Slot slot;
    std::optional<std::uint64_t> rtx_sequence;  // unwrapped, where it goes as RTX
};

class NackResponder {
  public:
    NackResponder(Retransmission how, std::uint16_t first_rtx_sequence, const NackLimits& limits = {})
        : how_(how), limits_(limits), rtx_sequence_(first_rtx_sequence) {}

    struct Viewer {
        std::uint64_t first = 0;   // the first sequence number that it was sent
        std::uint64_t cursor = 0;  // the next that it will be
        Duration round_trip{};     // 0 where it is not known yet
    };
    // In the order asked for. The slots are the ring's.
    std::vector<Resend> answer(std::span<const std::uint16_t> lost, const MediaRing& ring, const Viewer& viewer,
                               TimePoint now);

    // What is sent as RTX for another reason has its number in the same row.
    [[nodiscard]] bool resends_as_rtx() const { return how_ == Retransmission::rtx; }
    std::uint64_t take_rtx_sequence() { return rtx_sequence_++; }

    // The ring is another from here on, and its numbers mean other packets.
    void forget() { sent_.clear(); }

    // Asked for, and for one of the reasons above not sent.
    [[nodiscard]] std::uint64_t refused() const { return refused_; }

  private:
    struct Sent {
        std::uint64_t sequence = 0;
        TimePoint at;
    };

    void forget_before(TimePoint time);
    [[nodiscard]] bool sent_lately(std::uint64_t sequence) const;
    [[nodiscard]] std::optional<Slot> wanted(std::uint16_t lost, const MediaRing& ring, const Viewer& viewer) const;

    Retransmission how_;
    NackLimits limits_;
    ByteBudget budget_;
    std::vector<Sent> sent_;  // oldest first
    std::uint64_t rtx_sequence_;
    std::uint64_t refused_ = 0;
};

}  // namespace millrace::webrtc
