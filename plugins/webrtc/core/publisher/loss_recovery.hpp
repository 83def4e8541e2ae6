// SPDX-License-Identifier: LGPL-2.1-or-later
// Which packets of one source are missing, when to ask for them (RFC 4585 6.2.1), and when to give them up. Knows
// numbers and times, no packets.
//
// A gap is asked for when another packet came behind it or after 5 ms, whichever is first: paths do swap neighbours,
// and what is swapped comes within moments; a frame that waits 5 ms is not seen. Asking at once would make every swap a
// retransmission.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/time.hpp"

namespace millrace::webrtc {

struct LossRecoverySettings {
    bool ask = true;                 // else a gap is given up as soon as it is no swap
    Duration give_up_after = 250ms;  // since it was noticed
    unsigned most_requests = 10;
};

class LossRecovery {
  public:
    static constexpr Duration kSwapped = 5ms;
    static constexpr unsigned kSwappedPackets = 2;
    static constexpr Duration kLeastInterval = 20ms;
    static constexpr Duration kFirstInterval = 50ms;  // before the round trip is known
    static constexpr std::size_t kMostMissing = 512;
    static constexpr std::uint64_t kRemembered = 2048;  // packets, of which is known whether they came
    static constexpr std::size_t kMostAtOnce = 128;     // in a request: half a kilobyte at worst

    enum class Arrival : std::uint8_t {
        fresh,      // newer than all before, or fills a gap
        duplicate,  // came before, or is too old to know
    };

    explicit LossRecovery(LossRecoverySettings settings = {});

    Arrival on_packet(std::uint16_t sequence, TimePoint now);
    // One that was unwrapped: fresh where it is missing. Says nothing of what is newest.
    Arrival on_retransmission(std::uint16_t sequence, TimePoint now);

    // What to ask for now; the view is valid until the next call. What is too old is given up first.
    const std::vector<std::uint16_t>& due(TimePoint now);
    // Something was given up since this was last asked.
    bool take_given_up() { return std::exchange(gave_up_, false); }
    [[nodiscard]] TimePoint deadline() const;

    // From a request to its answer, smoothed as RFC 6298 2. does; 0 until it is known.
    [[nodiscard]] Duration round_trip() const { return round_trip_; }
    [[nodiscard]] std::uint64_t given_up() const { return given_up_; }
    [[nodiscard]] std::uint64_t requested() const { return requested_; }
    [[nodiscard]] std::size_t missing() const { return missing_.size(); }

  private:
    struct Missing {
        std::uint64_t index = 0;
        std::uint64_t noticed_with = 0;  // how many had come
        TimePoint noticed;
        TimePoint asked;
        unsigned requests = 0;
    };

    [[nodiscard]] std::uint64_t index_of(std::uint16_t sequence) const;
    void advance(std::uint64_t index, TimePoint now);
    bool fill(std::uint64_t index, TimePoint now, bool answer);
    void start_at(std::uint64_t index);
    void give_up(std::size_t count);
    void on_round_trip(Duration sample);
    [[nodiscard]] Duration interval() const;
    [[nodiscard]] bool is_due(const Missing& missing, TimePoint now) const;
    [[nodiscard]] bool is_lost(const Missing& missing, TimePoint now) const;

    LossRecoverySettings settings_;
    std::optional<std::uint64_t> newest_;
    std::bitset<kRemembered> came_;  // by the low bits of the index
    std::uint64_t packets_ = 0;
    std::vector<Missing> missing_;  // in their order
    std::vector<std::uint16_t> asking_;
    Duration round_trip_{};
    bool gave_up_ = false;
    std::uint64_t given_up_ = 0;
    std::uint64_t requested_ = 0;
};

}  // namespace millrace::webrtc
