// SPDX-License-Identifier: LGPL-2.1-or-later
// What the viewers saw, between two moments, as one JSON object.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/whep_viewers/options.hpp"
#include "tests/bench/whep_viewers/seat.hpp"

namespace millrace::bench {

// Where a viewer's counts stood.
struct Mark {
    const webrtc::test::WhepViewer* viewer = nullptr;
    TimePoint asked = kNever;  // tells it from the one who sat there before
    std::uint64_t expected = 0;
    std::uint64_t received = 0;
    std::uint64_t lost_video = 0;  // can become less
    std::uint64_t duplicates = 0;
    webrtc::test::WhepViewerCounts counts;
};

struct Moment {
    TimePoint at;
    double own_cpu_seconds = 0;
    std::vector<Mark> marks;  // one for each seat
};

using Seats = std::vector<std::unique_ptr<Seat>>;

Moment mark(const Seats& seats);

struct Run {
    const Seats& seats;
    const webrtc::test::DelayHistogram& delays;  // between the moments
    Moment begin;
    Moment end;
    Duration joining{};  // from the first join to the last
    int left = 0;        // viewers that left and came back meanwhile
};

std::string report(const Run& run);

}  // namespace millrace::bench
