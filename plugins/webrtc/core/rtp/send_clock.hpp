// SPDX-License-Identifier: LGPL-2.1-or-later
// Running time as receivers are told it: RTP timestamps in each track's packets, and in sender reports which NTP time
// they are (RFC 3550 6.4.1). One mapping for all tracks of a stream, or sound and picture drift apart.
#pragma once

#include <cstdint>

#include "common/base/time.hpp"

namespace millrace::webrtc {

// Seconds since 1900 in 32.32 fixed point (RFC 3550 4.).
struct NtpTime {
    std::uint64_t value = 0;

    // The middle 32 bits, as reports refer to it.
    [[nodiscard]] std::uint32_t compact() const { return static_cast<std::uint32_t>(value >> 16); }
    auto operator<=>(const NtpTime&) const = default;
};

NtpTime to_ntp(UnixTime time);

// 16.16 fixed point seconds, as in delay since last SR.
Duration from_compact_ntp(std::uint32_t seconds);

// Which wall-clock time a running time is. Fixed for the life of a stream: a wall clock that is set does not tear the
// tracks apart.
class SendClock {
  public:
    SendClock(Duration running_time, UnixTime wall) : origin_(wall + -running_time) {}
    [[nodiscard]] NtpTime ntp(Duration running_time) const { return to_ntp(origin_ + running_time); }

  private:
    UnixTime origin_;
};

// A track's RTP timestamps.
class RtpClock {
  public:
    // 90000 Hz for video, 48000 for Opus. RFC 3550 5.1 wants the first timestamp to be random: `offset`.
    RtpClock(std::uint32_t rate, std::uint32_t offset) : rate_(rate), offset_(offset) {}
    [[nodiscard]] std::uint32_t timestamp(Duration running_time) const;

  private:
    std::uint32_t rate_;
    std::uint32_t offset_;
};

}  // namespace millrace::webrtc
