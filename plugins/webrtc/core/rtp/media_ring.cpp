// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/media_ring.hpp"

#include <algorithm>

namespace millrace::webrtc {

void MediaRing::append(FramePtr frame) {
    if (!frame || frame->packets() == 0) return;
    if (!empty() && frame->first_sequence < end()) return;
    if (!empty() && frame->first_sequence > end()) {
        while (!empty()) drop_oldest();
    }
    bytes_ += frame->media.bytes.size();
    if (frame->key_frame()) key_frame_ = frame;
    frames_.push_back(std::move(frame));
    while (frames_.size() > 1 && (packets() > limits_.packets || bytes_ > limits_.bytes)) drop_oldest();
}

void MediaRing::drop_oldest() {
    bytes_ -= frames_.front()->media.bytes.size();
    if (key_frame_ == frames_.front()) key_frame_.reset();
    frames_.pop_front();
}

MediaRing::Next MediaRing::next(std::uint64_t cursor) const {
    if (empty() || cursor == end()) return {};
    auto slot = find(cursor);
    if (!slot) return {.state = Next::State::fell_out, .slot = {}};
    return {.state = Next::State::ready, .slot = *slot};
}

std::optional<std::uint64_t> MediaRing::entry(TimePoint now, Duration oldest) const {
    if (!key_frame_ || now - key_frame_->arrival > oldest) return std::nullopt;
    return key_frame_->first_sequence;
}

std::optional<Slot> MediaRing::find(std::uint64_t sequence) const {
    if (empty() || sequence < begin() || sequence >= end()) return std::nullopt;
    // Nearly every viewer is at the newest frame.
    const Frame* frame = frames_.back().get();
    if (sequence < frame->first_sequence) {
        auto after = std::upper_bound(frames_.begin(), frames_.end(), sequence,
                                      [](std::uint64_t s, const FramePtr& f) { return s < f->first_sequence; });
        frame = std::prev(after)->get();
    }
    return Slot{frame, sequence - frame->first_sequence};
}

std::uint64_t MediaRing::bytes_per_second() const {
    if (empty()) return 0;
    // The newest frame begins where the measured time ends.
    Duration span = frames_.back()->arrival - frames_.front()->arrival;
    if (span < 250ms) return 0;
    auto milliseconds = static_cast<std::uint64_t>(span / 1ms);
    return (bytes_ - frames_.back()->media.bytes.size()) * 1000 / milliseconds;
}

std::optional<std::uint64_t> unwrap_before(std::uint16_t sequence, std::uint64_t cursor) {
    constexpr std::uint64_t kCycle = 0x10000;
    std::uint64_t candidate = (cursor & ~(kCycle - 1)) | sequence;
    if (candidate < cursor) return candidate;
    if (candidate < kCycle) return std::nullopt;
    return candidate - kCycle;
}

}  // namespace millrace::webrtc
