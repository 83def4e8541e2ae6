// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/live_rungs.hpp"

#include <algorithm>
#include <utility>

namespace millrace::webrtc {

namespace {

// An encoder that drops a picture, or is a moment behind the others, is not silent.
constexpr Duration kSilent = 400ms;
constexpr unsigned kFramesOfEachOther = 3;

// Headers, tags and UDP around what an encoder makes: 5 %.
std::uint64_t on_the_way(std::uint64_t media) {
    return media + media / 20;
}

}  // namespace

LiveRungs::LiveRungs(const MediaRing::Limits& limits) {
    for (Rung& rung : rungs_) rung.ring = MediaRing(limits);
}

void LiveRungs::open(RungId id, const StreamFormat& format, std::uint64_t declared) {
    Rung& rung = rungs_[id];
    if (!std::exchange(rung.open, true)) ++open_;
    rung.format = format;
    rung.declared = declared;
}

void LiveRungs::close(RungId id) {
    if (std::exchange(rungs_[id].open, false)) --open_;
}

bool LiveRungs::append(RungId id, FramePtr frame) {
    Rung& rung = rungs_[id];
    const TimePoint now = frame->arrival;
    rung.flowed = now;
    rung.behind = 0;
    rung.silent = false;
    rung.ring.append(std::move(frame));
    return open_ > 1 && fall_behind(id, now);
}

bool LiveRungs::fall_behind(RungId flowing, TimePoint now) {
    bool fell = false;
    for (RungId id = 0; id < kMostRungs; ++id) {
        Rung& rung = rungs_[id];
        if (id == flowing || !rung.open || rung.ring.empty()) continue;
        ++rung.behind;
        const bool silent = now - rung.flowed > kSilent && rung.behind > kFramesOfEachOther * (open_ - 1);
        fell = fell || (silent && !rung.silent);
        rung.silent = silent;
    }
    return fell;
}

const MediaRing* LiveRungs::ring(RungId id) const {
    const Rung& rung = rungs_[id];
    return rung.open && !rung.ring.empty() ? &rung.ring : nullptr;
}

std::uint64_t LiveRungs::bits_per_second(RungId id) const {
    const Rung& rung = rungs_[id];
    return rung.declared > 0 ? rung.declared : rung.ring.bytes_per_second() * 8;
}

RungList LiveRungs::of(const StreamFormat& format, std::uint64_t sound_bytes_per_second) const {
    RungList found;
    for (RungId id = 0; id < kMostRungs; ++id) {
        const MediaRing* const has = ring(id);
        if (has == nullptr || !same_encoding(rungs_[id].format, format)) continue;
        const std::uint64_t sound = sound_bytes_per_second * 8;
        const std::uint64_t rate = bits_per_second(id);
        const std::uint64_t measured = has->bytes_per_second() * 8;
        found.add({.id = id,
                   .bits_per_second = rate > 0 ? on_the_way(rate + sound) : 0,
                   .flows = !rungs_[id].silent,
                   .sent = on_the_way((measured > 0 ? measured : rate) + sound)});
    }
    // Of those that nothing is known of yet, the first is taken for the largest.
    std::ranges::sort(found.all(), [](const RungInfo& a, const RungInfo& b) {
        return a.bits_per_second != b.bits_per_second ? a.bits_per_second > b.bits_per_second : a.id < b.id;
    });
    return found;
}

}  // namespace millrace::webrtc
