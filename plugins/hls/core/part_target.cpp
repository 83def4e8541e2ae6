// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/part_target.hpp"

#include <algorithm>
#include <vector>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

namespace {

constexpr std::int64_t kFilled = 85;          // per cent of the target (PART-3)
constexpr Duration kLongestForOneFrame = 1s;  // the longest target chosen for the sake of slow or uneven frames

// 1/100000 s that `frames` frames last, rounded up so that they fit.
std::int64_t printed_up(std::int64_t frames, codec::Rational rate) {
    return divide_up(static_cast<Wide>(frames) * rate.denominator * kPrinted, rate.numerator);
}

std::int64_t frames_in(std::int64_t target, codec::Rational rate) {
    return divide_down(static_cast<Wide>(target) * rate.numerator, std::int64_t{rate.denominator} * kPrinted);
}

// Per cent of the target that the track's full parts take, the least over all tracks.
std::int64_t fill(std::int64_t target, std::span<const Cadence> tracks) {
    std::int64_t least = 100;
    for (const Cadence& track : tracks) {
        if (!track.regular) continue;
        const std::int64_t frames = frames_in(target, track.rate);
        const std::int64_t length =
            divide_down(static_cast<Wide>(frames) * track.rate.denominator * kPrinted, track.rate.numerator);
        least = std::min(least, frames == 0 ? 0 : length * 100 / target);
    }
    return least;
}

// A part must hold the longest single frame.
Duration at_least_one_frame(Duration asked, std::span<const Cadence> tracks) {
    for (const Cadence& track : tracks) {
        const Duration frame = track.regular ? duration_of(printed_up(1, track.rate), kPrinted) : track.longest;
        asked = std::max(asked, std::min(frame, Duration(kLongestForOneFrame)));
    }
    return asked;
}

}  // namespace

std::uint32_t fit_part_target(Duration asked, std::span<const Cadence> tracks) {
    const std::int64_t wanted = ticks_up(at_least_one_frame(asked, tracks), kPrinted);
    struct Choice {
        std::int64_t target;
        std::int64_t fill;
        std::int64_t distance;
    };
    Choice best{wanted, fill(wanted, tracks), 0};
    const auto better = [](const Choice& a, const Choice& b) {
        const bool a_legal = a.fill >= kFilled;
        if (a_legal != (b.fill >= kFilled)) return a_legal;
        if (!a_legal && a.fill != b.fill) return a.fill > b.fill;
        return a.distance < b.distance;
    };
    bool fitted = false;
    for (const Cadence& track : tracks) {
        if (!track.regular) continue;
        const std::int64_t most = std::max<std::int64_t>(frames_in(2 * wanted, track.rate), 1);
        for (std::int64_t frames = 1; frames <= most; ++frames) {
            const std::int64_t target = printed_up(frames, track.rate);
            if (2 * target < wanted) continue;
            const Choice choice{target, fill(target, tracks), std::abs(target - wanted)};
            if (!fitted || better(choice, best)) best = choice;
            fitted = true;
        }
    }
    return static_cast<std::uint32_t>(best.target);
}

PartLimits PartLimits::of(std::uint32_t part_target, std::uint32_t timescale) {
    const std::int64_t longest = divide_down(Wide{part_target} * timescale, kPrinted);
    // One printed unit more than 85 %, so that rounding to five decimals never falls below.
    const std::int64_t shortest = divide_up((Wide{part_target} * kFilled + 100) * timescale, kPrinted * 100);
    return {longest, std::min(shortest, longest)};
}

}  // namespace millrace::hls
