// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/open_part.hpp"

#include <algorithm>
#include <utility>

namespace millrace::hls {

namespace {

constexpr std::size_t kMostFrames = 2000;  // two seconds of a thousand frames
constexpr std::size_t kMostBytes = 32 * 1024 * 1024;

}  // namespace

bool OpenPart::overfull() const {
    return samples_.size() >= kMostFrames || payload_.size() >= kMostBytes;
}

bool OpenPart::fits(std::int64_t at, std::int64_t nominal, PartLimits limits) const {
    const auto count = static_cast<std::int64_t>(samples_.size()) + 1;
    constexpr std::int64_t rounding = 2;  // ticks
    if (at + nominal - start_ <= limits.longest + rounding) return true;
    // It does not fit where it is. Closing is fine when what we have is long enough; otherwise the frame is squeezed
    // in when frames of this length fit by number: the timestamps ran late and will be made good in a later part.
    const bool long_enough = at - start_ >= limits.shortest;
    return !long_enough && count * nominal <= limits.longest + count + rounding;
}

void OpenPart::begin(std::int64_t start) {
    start_ = last_start_ = expected_next_ = start;
    independent_ = false;
    samples_.clear();
    payload_.clear();
    payload_.reserve(usual_bytes_);
}

void OpenPart::add(const Placement& placement, const Frame& frame, bool independent) {
    if (!samples_.empty()) {
        const std::int64_t begin = std::max(placement.at, last_start_ + 1);
        samples_.back().duration = static_cast<std::uint32_t>(begin - last_start_);
        last_start_ = begin;
    }
    samples_.push_back({.duration = static_cast<std::uint32_t>(placement.nominal),
                        .size = static_cast<std::uint32_t>(frame.payload.size()),
                        .composition_offset = placement.composition_offset,
                        .sync = independent,
                        .disposable = frame.disposable});
    expected_next_ = std::max(placement.at + placement.nominal, last_start_ + 1);
    payload_.insert(payload_.end(), frame.payload.begin(), frame.payload.end());
    independent_ = independent_ || independent;
}

OpenPart::Finished OpenPart::finish(std::int64_t end, std::int64_t longest) {
    end = std::max(std::min(end, start_ + longest), last_start_ + 1);
    samples_.back().duration = static_cast<std::uint32_t>(end - last_start_);
    usual_bytes_ = payload_.size() + payload_.size() / 8;
    if (payload_.capacity() > payload_.size() + payload_.size() / 2) payload_.shrink_to_fit();
    return {start_, end - start_, independent_, std::exchange(samples_, {}), std::exchange(payload_, {})};
}

}  // namespace millrace::hls
