// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/bandwidth.hpp"

#include <algorithm>
#include <cmath>

namespace millrace::hls {

namespace {

// A few segments do not say what the next ones will be, and a player believes for as long as it plays what the playlist
// said when it came: a peak that is too high costs it a rung, one that is too low costs it a stall. An encoder that
// keeps to its bit rate by a buffer of half a second is a quarter above it in a segment of two.
constexpr double kHeadroom = 0.25;
constexpr Duration kHeadroomFor = 30s;  // less and less
// How much media it takes to be believed as much as what the encoder was told.
constexpr Duration kWeightOfDeclared = 60s;

double seconds(Duration time) {
    return std::chrono::duration<double>(time).count();
}

// Up to a whole kbit/s, so that the multivariant playlist does not change with every segment.
std::uint64_t rounded_up(double rate) {
    return static_cast<std::uint64_t>(std::ceil(rate / 1000.0)) * 1000;
}

}  // namespace

double BandwidthMeter::Measured::rate() const {
    return length > Duration(0) ? 8 * static_cast<double>(bytes) / seconds(length) : 0;
}

void BandwidthMeter::add_segment(std::size_t bytes, Duration length) {
    if (bytes == 0 || length <= Duration(0)) return;
    total_.bytes += bytes;
    total_.length += length;

    const Duration longest = target_ * 3 / 2 + 500ms;
    recent_.push_back({bytes, length});
    Measured run;
    std::size_t kept = 0;
    for (auto it = recent_.rbegin(); it != recent_.rend(); ++it) {
        if (run.length + it->length > longest && kept > 0) break;
        run.bytes += it->bytes;
        run.length += it->length;
        ++kept;
        if (run.length >= target_ / 2) peak_ = std::max(peak_, run.rate());
    }
    while (recent_.size() > kept) recent_.pop_front();
}

// What comes is more often below than above what the encoder was told, and may be less for minutes.
double BandwidthMeter::average(const Measured& seen) const {
    const auto declared = static_cast<double>(declared_);
    if (declared_ == 0 || seen.rate() >= declared) return seen.rate();
    const double weight = seconds(kWeightOfDeclared);
    return (declared * weight + seen.rate() * seconds(seen.length)) / (weight + seconds(seen.length));
}

// The declared rate is what the encoder may send at any time, however quiet the picture was until now.
BitRate BandwidthMeter::rate(std::size_t open_bytes, Duration open_length) const {
    const bool begun = total_.length > Duration(0);
    const Measured seen = begun ? total_ : Measured{open_bytes, open_length};
    const double measured = begun ? peak_ : seen.rate();
    const double unknown = 1 - std::min(seconds(seen.length) / seconds(kHeadroomFor), 1.0);
    const double peak = std::max({measured, static_cast<double>(declared_), average(seen)}) * (1 + kHeadroom * unknown);
    return {std::max<std::uint64_t>(rounded_up(peak), 1000), std::max<std::uint64_t>(rounded_up(average(seen)), 1000)};
}

}  // namespace millrace::hls
