// SPDX-License-Identifier: LGPL-2.1-or-later
// The bit rate a rendition is announced with: the peak over any run of segments about as long as the target duration,
// and the long-run average (RFC 8216bis 4.1, MV-2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "common/base/time.hpp"

namespace millrace::hls {

struct BitRate {  // bit/s
    std::uint64_t peak = 0;
    std::uint64_t average = 0;
    bool operator==(const BitRate&) const = default;
};

class BandwidthMeter {
  public:
    // `declared`: bit/s the encoder was told, 0 = unknown.
    BandwidthMeter(Duration target, std::uint64_t declared) : target_(target), declared_(declared) {}

    void declare(std::uint64_t declared) { declared_ = declared; }
    void add_segment(std::size_t bytes, Duration length);
    // `open_bytes` and `open_length` are of the segment that has begun: all there is to go by before the first is
    // whole.
    [[nodiscard]] BitRate rate(std::size_t open_bytes = 0, Duration open_length = {}) const;

  private:
    struct Measured {
        std::size_t bytes = 0;
        Duration length{};
        [[nodiscard]] double rate() const;  // bit/s
    };
    [[nodiscard]] double average(const Measured& seen) const;

    Duration target_;
    std::uint64_t declared_;
    std::deque<Measured> recent_;  // no longer together than the longest run that counts
    Measured total_;
    double peak_ = 0;
};

}  // namespace millrace::hls
