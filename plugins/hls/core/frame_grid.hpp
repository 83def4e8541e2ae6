// SPDX-License-Identifier: LGPL-2.1-or-later
// Puts a track's frames where its frame rate says they are: timestamps that a protocol rounded to milliseconds become
// exact ticks again, without drift (CM-7, PART-7). Knows one track and nothing of parts.
#pragma once

#include <cstdint>

#include "common/base/time.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::hls {

// How the frames of a track follow each other.
struct Cadence {
    codec::Rational rate;  // frames/s; the mean when not regular
    bool regular = false;  // timestamps agree with `rate` but for rounding
    Duration longest{};    // between two frames seen so far, when not regular
};

class FrameGrid {
  public:
    FrameGrid(std::uint32_t timescale, codec::Kind kind, Cadence cadence);

    // The tick a frame belongs to whose timestamp says `raw`. May be earlier than the frame before when `raw` is.
    std::int64_t snap(std::int64_t raw);
    // A composition offset as a whole number of frames, when it is one but for rounding (BF-1).
    [[nodiscard]] std::int64_t snap_offset(std::int64_t raw) const;
    // Ticks from a frame to the next, as long as nobody knows better.
    [[nodiscard]] std::int64_t nominal() const { return nominal_; }
    // What comes next does not continue the grid.
    void restart() { anchored_ = false; }

  private:
    [[nodiscard]] std::int64_t position(std::int64_t index) const;
    [[nodiscard]] std::int64_t nearest_index(std::int64_t ticks) const;

    std::uint32_t timescale_;
    Cadence cadence_;
    std::int64_t nominal_;
    std::int64_t tolerance_;
    bool anchored_ = false;
    std::int64_t origin_ = 0;
    std::int64_t index_ = 0;
    std::int64_t previous_ = 0;
};

}  // namespace millrace::hls
