// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes one continuous timeline of a publisher's timestamps: it starts at 0, never runs backwards, and goes on where it
// was when the timestamps jump. Keeps the tracks' offset to each other. Knows nothing of RTMP or of codecs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/time.hpp"

namespace millrace::rtmp {

// RTMP's 32-bit milliseconds, unwrapped: each value is taken as the nearest to the one before (RTMP 1.0, 5.1). One for
// all tracks of a stream, so that a wrap-around between an audio and a video frame does not tear them apart.
class TimestampUnwrapper {
  public:
    std::int64_t unwrap(std::uint32_t timestamp);

  private:
    std::optional<std::int64_t> last_;
};

class Timeline {
  public:
    struct Tolerance {
        Duration forward = 3s;      // a gap longer than this, and than the time that really passed, is a jump
        Duration backward = 500ms;  // decode times never run back in a sane stream; less than this is smoothed over
    };

    struct Mapped {
        Duration dts{};  // first media of the stream: 0; another track that starts earlier may be slightly negative
        Duration pts{};
        bool discontinuity = false;  // the publisher's clock jumped before this frame of this track
    };

    Timeline() : Timeline(Tolerance{}) {}
    explicit Timeline(Tolerance tolerance) : tolerance_(tolerance) {}

    // Maps one frame. `track` is a small number of the caller's choice; `arrived` is when the frame came in, which
    // tells a publisher that paused from one whose clock jumped.
    Mapped map(unsigned track, Duration dts, Duration pts, TimePoint arrived);

  private:
    struct Track {
        unsigned id = 0;
        Duration offset{};    // from the publisher's timeline to ours
        Duration last_dts{};  // ours
        Duration step{};      // between its last two frames: what the next one is expected to add
        TimePoint last_arrival;
    };

    Track& begin(unsigned id, Duration dts, TimePoint arrived);
    [[nodiscard]] bool fits(const Track& track, Duration mapped, TimePoint arrived) const;
    [[nodiscard]] std::optional<Duration> jump_to(const Track& track, Duration dts, TimePoint arrived) const;
    [[nodiscard]] const Track& latest() const;

    Tolerance tolerance_;
    std::vector<Track> tracks_;
};

}  // namespace millrace::rtmp
