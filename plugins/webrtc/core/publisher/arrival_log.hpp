// SPDX-License-Identifier: LGPL-2.1-or-later
// When the packets of a transport arrived, for the feedback that its sender adapts to
// (draft-holmer-rmcat-transport-wide-cc-extensions-01). As large as it is, whatever comes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/time.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc {

class ArrivalLog {
  public:
    static constexpr std::uint64_t kRemembered = 2048;
    static constexpr std::uint64_t kMostAtOnce = 350;  // 800 bytes at worst
    static constexpr Duration kInterval = 50ms;

    void on_packet(std::uint16_t transport_sequence, TimePoint now);

    // When there is something to tell; kNever while nothing came.
    [[nodiscard]] TimePoint deadline() const { return has_news_ ? due_ : kNever; }
    // What came since the last, and what before it is missing no more. Empty when all is told; ask again until then.
    std::optional<TransportFeedback> take();

  private:
    [[nodiscard]] std::optional<TimePoint>& place(std::uint64_t index) { return arrived_[index % kRemembered]; }
    void start_at(std::uint64_t index);

    std::vector<std::optional<TimePoint>> arrived_;  // by the low bits of the index
    std::uint64_t untold_ = 0;                       // the first index that the next feedback tells of
    std::optional<std::uint64_t> newest_;
    bool has_news_ = false;
    TimePoint due_;
    std::uint8_t count_ = 0;
};

}  // namespace millrace::webrtc
