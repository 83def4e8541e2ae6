// SPDX-License-Identifier: LGPL-2.1-or-later
// What a receiver reports of one source (RFC 3550 6.4.1, A.1, A.3, A.8). Counts what came over the wire: what was sent
// again is another stream's.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.hpp"
#include "webrtc/core/rtp/rtcp.hpp"

namespace millrace::webrtc {

class ReceptionReport {
  public:
    explicit ReceptionReport(std::uint32_t clock_rate) : rate_(clock_rate) {}

    void on_packet(std::uint16_t sequence, std::uint32_t timestamp, TimePoint now);
    void on_sender_report(NtpTime ntp, TimePoint now);

    // Of the time since the one before.
    ReportBlock take(std::uint32_t ssrc, TimePoint now);

    // Negative where packets came twice.
    [[nodiscard]] std::int64_t lost() const;
    // 0 to 1, in the last report.
    [[nodiscard]] double fraction_lost() const { return fraction_ / 256.0; }
    [[nodiscard]] Duration jitter() const;

  private:
    [[nodiscard]] std::uint64_t expected() const { return highest_ - base_ + 1; }
    void restart_at(std::uint16_t sequence);
    void count(std::uint16_t sequence);
    void measure(std::uint32_t timestamp, TimePoint now);
    std::uint8_t take_fraction();

    std::uint32_t rate_;
    bool started_ = false;
    std::uint64_t base_ = 0;
    std::uint64_t highest_ = 0;  // with the number of cycles above the 16 bits
    std::uint64_t received_ = 0;
    std::optional<std::uint16_t> after_jump_;  // what would follow, had the sender begun elsewhere

    std::uint64_t expected_before_ = 0;
    std::uint64_t received_before_ = 0;
    std::uint8_t fraction_ = 0;

    std::optional<std::uint32_t> transit_;
    std::uint64_t jitter_ = 0;  // in sixteenths of a tick

    std::uint32_t last_report_ = 0;
    TimePoint last_report_at_;
};

}  // namespace millrace::webrtc
