// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/cadence.hpp"

#include <algorithm>
#include <array>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

namespace {

constexpr Duration kRounding = 2ms;       // as FrameGrid allows
constexpr std::size_t kEnoughFrames = 8;  // fewer prove nothing

constexpr std::array<codec::Rational, 14> kCommonRates{{{24000, 1001},
                                                        {24, 1},
                                                        {25, 1},
                                                        {30000, 1001},
                                                        {30, 1},
                                                        {48, 1},
                                                        {50, 1},
                                                        {60000, 1001},
                                                        {60, 1},
                                                        {15, 1},
                                                        {10, 1},
                                                        {20, 1},
                                                        {120, 1},
                                                        {12, 1}}};

std::uint32_t samples_per_frame(const codec::TrackFormat& format) {
    if (format.samples_per_frame > 0) return format.samples_per_frame;
    switch (format.codec) {
        case codec::Codec::opus:
            return 960;
        case codec::Codec::mp3:
            return 1152;
        default:
            return 1024;
    }
}

// Every frame on the grid but for rounding, and nine in ten of the grid's places taken.
bool agrees(codec::Rational rate, std::span<const Duration> times) {
    std::int64_t index = -1;
    for (Duration time : times) {
        const auto since = static_cast<Wide>((time - times.front()).count());
        const std::int64_t nearest =
            divide_nearest(since * rate.numerator, std::int64_t{rate.denominator} * 1'000'000'000);
        const std::int64_t expected =
            divide_nearest(static_cast<Wide>(nearest) * rate.denominator * 1'000'000'000, rate.numerator);
        if (nearest <= index || std::abs(static_cast<std::int64_t>(since) - expected) > kRounding.count()) return false;
        index = nearest;
    }
    return static_cast<std::int64_t>(times.size() - 1) * 10 >= index * 9;
}

Cadence irregular(std::span<const Duration> times) {
    Cadence cadence;
    for (std::size_t i = 1; i < times.size(); ++i) cadence.longest = std::max(cadence.longest, times[i] - times[i - 1]);
    const Duration span = times.empty() ? Duration(0) : times.back() - times.front();
    const auto frames = static_cast<std::uint32_t>(times.empty() ? 0 : times.size() - 1);
    const std::int64_t milliseconds = span.count() / 1'000'000;
    if (frames > 0 && milliseconds > 0 && milliseconds < 1'000'000) {
        cadence.rate = {frames * 1000, static_cast<std::uint32_t>(milliseconds)};
    }
    return cadence;
}

}  // namespace

Cadence declared_cadence(const codec::TrackFormat& format) {
    if (codec::kind_of(format.codec) == codec::Kind::audio) {
        return {.rate = {format.sample_rate, samples_per_frame(format)}, .regular = format.sample_rate > 0};
    }
    return {.rate = format.frame_rate, .regular = format.frame_rate.known()};
}

Cadence learned_cadence(const codec::TrackFormat& format, std::span<const Duration> decode_times) {
    const Cadence declared = declared_cadence(format);
    const bool audio = codec::kind_of(format.codec) == codec::Kind::audio;
    if (audio || decode_times.size() < kEnoughFrames) return declared;
    if (declared.regular && agrees(declared.rate, decode_times)) return declared;
    for (codec::Rational rate : kCommonRates) {
        if (agrees(rate, decode_times)) return {.rate = rate, .regular = true};
    }
    return irregular(decode_times);
}

}  // namespace millrace::hls
