// SPDX-License-Identifier: LGPL-2.1-or-later
// When each media segment begins, for all renditions alike: the lead writes it, the others follow it (MP-12, CM-15).
#pragma once

#include <cstdint>
#include <deque>

#include "common/base/time.hpp"

namespace millrace::hls {

struct SegmentStart {
    std::uint64_t msn = 0;
    Duration at{};       // media time
    UnixTime date_zero;  // wall-clock time of media time zero
    bool discontinuity = false;
    std::uint64_t discontinuity_sequence = 0;  // counts its own
};

class Timetable {
  public:
    // `first`: the first segment's media sequence number. `discontinuities`: its discontinuity sequence number, which
    // must stay small: hls.js keeps an array that is as long, and stands still over one of a thousand million.
    Timetable(std::uint64_t first, std::uint64_t discontinuities)
        : next_msn_(first), discontinuities_(discontinuities) {}

    const SegmentStart& open(Duration at, UnixTime date_zero, bool discontinuity);

    [[nodiscard]] const SegmentStart* find(std::uint64_t msn) const;
    // The segment that begins at `time`, give or take `tolerance`.
    [[nodiscard]] const SegmentStart* at(Duration time, Duration tolerance) const;
    [[nodiscard]] const SegmentStart& last() const { return starts_.back(); }
    [[nodiscard]] bool empty() const { return starts_.empty(); }
    [[nodiscard]] std::uint64_t discontinuities() const { return discontinuities_; }
    void forget_before(std::uint64_t msn);

  private:
    std::deque<SegmentStart> starts_;
    std::uint64_t next_msn_;
    std::uint64_t discontinuities_;
};

}  // namespace millrace::hls
