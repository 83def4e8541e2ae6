// SPDX-License-Identifier: LGPL-2.1-or-later
// Which tracks have fallen silent, going by when their frames arrive.
#pragma once

#include <cstddef>
#include <vector>

#include "common/base/time.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::hls {

class Silence {
  public:
    void add_track(codec::Kind kind, TimePoint now) { tracks_.push_back({kind, now, {}}); }
    void arrived(std::size_t track, TimePoint now);

    [[nodiscard]] TimePoint last_arrival(std::size_t track) const { return tracks_[track].last; }
    // How long the other videos have kept coming without this one. They show the same picture, so one of them that is
    // missing is not late but switched off. A burst after a stall, in which one comes before the other, is no time.
    [[nodiscard]] Duration missing(std::size_t track) const { return tracks_[track].missing; }

  private:
    struct Heard {
        codec::Kind kind;
        TimePoint last;
        Duration missing;
    };
    std::vector<Heard> tracks_;
    TimePoint last_video_{};
};

}  // namespace millrace::hls
