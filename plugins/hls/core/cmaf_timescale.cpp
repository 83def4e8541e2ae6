// SPDX-License-Identifier: LGPL-2.1-or-later
// Which clock a track counts in (CM-7): one in which every frame lasts a whole number of ticks, so that nothing drifts.
#include "common/codec/opus.hpp"
#include "hls/core/cmaf.hpp"

namespace millrace::hls {

namespace {

constexpr std::uint32_t kMpegClock = 90000;
// Fine enough that the jitter of a source with a millisecond clock survives; above the upper one nothing is gained.
constexpr std::uint32_t kFinest = 1'000'000;
constexpr std::uint32_t kCoarsest = 10'000;

}  // namespace

std::uint32_t natural_timescale(const codec::TrackFormat& format) {
    if (format.codec == codec::Codec::opus) return codec::kOpusRate;
    if (codec::kind_of(format.codec) == codec::Kind::audio) return format.sample_rate;
    auto [numerator, denominator] = format.frame_rate;
    if (!format.frame_rate.known() || numerator > kFinest) return kMpegClock;
    if (denominator == 1 && kMpegClock % numerator == 0) return kMpegClock;
    std::uint32_t whole = (kCoarsest + numerator - 1) / numerator;
    return numerator * whole;
}

}  // namespace millrace::hls
