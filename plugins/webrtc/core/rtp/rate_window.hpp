// SPDX-License-Identifier: LGPL-2.1-or-later
// How many bits a second went by of late, by whatever clock they are told the time of.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/base/time.hpp"

namespace millrace::webrtc {

class RateWindow {
  public:
    explicit RateWindow(Duration window) : bucket_(window / kBuckets) {}

    void on_packet(std::size_t size, Duration at);
    // Over the window; nothing before that has passed.
    [[nodiscard]] std::optional<std::uint64_t> bits_per_second() const;

  private:
    static constexpr std::int64_t kBuckets = 10;

    Duration bucket_;
    std::array<std::uint32_t, kBuckets + 1> bytes_{};  // with the one that is being filled
    std::optional<std::int64_t> newest_;               // in steps of a bucket
    std::int64_t first_ = 0;
};

}  // namespace millrace::webrtc
