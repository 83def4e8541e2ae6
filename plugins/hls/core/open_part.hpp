// SPDX-License-Identifier: LGPL-2.1-or-later
// The part that is being filled. Decides sample durations: those between two frames of the part are exact; the last
// one's is what the frame should last, so that the part can go out the moment its last frame is in (TS-10).
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/bytes.hpp"
#include "hls/core/cmaf.hpp"
#include "hls/core/part_target.hpp"
#include "hls/core/presentation.hpp"

namespace millrace::hls {

// A frame's place on its rendition's timeline, in ticks.
struct Placement {
    std::int64_t at = 0;       // where its timestamp puts it
    std::int64_t nominal = 1;  // how long it should last
    std::int32_t composition_offset = 0;
};

class OpenPart {
  public:
    [[nodiscard]] bool empty() const { return samples_.empty(); }
    [[nodiscard]] bool independent() const { return independent_; }
    [[nodiscard]] std::int64_t start() const { return start_; }
    // Where the next frame should begin.
    [[nodiscard]] std::int64_t expected_next() const { return expected_next_; }
    [[nodiscard]] bool overfull() const;  // more frames or bytes than any honest part has

    // Whether a frame at `at` still belongs in here, given the rules of length.
    [[nodiscard]] bool fits(std::int64_t at, std::int64_t nominal, PartLimits limits) const;

    // A part begins where the one before it ended, wherever its first frame's timestamp is.
    void begin(std::int64_t start);
    void add(const Placement& placement, const Frame& frame, bool independent);

    struct Finished {
        std::int64_t start = 0;
        std::int64_t duration = 0;
        bool independent = false;
        std::vector<Sample> samples;
        Bytes payload;
    };
    // Ends at `end`, moved as little as it takes to leave every sample a tick and keep the part within `longest`.
    Finished finish(std::int64_t end, std::int64_t longest);

  private:
    std::int64_t start_ = 0;
    std::int64_t last_start_ = 0;  // of the last sample
    std::int64_t expected_next_ = 0;
    bool independent_ = false;
    std::vector<Sample> samples_;
    Bytes payload_;
    std::size_t usual_bytes_ = 0;
};

}  // namespace millrace::hls
