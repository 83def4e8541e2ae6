// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/live_stream.hpp"

namespace millrace::webrtc {

std::uint64_t LiveStream::sound_bytes_per_second() const {
    return audio.ring != nullptr ? audio.ring->bytes_per_second() : 0;
}

Duration LiveStream::media_time(const LiveTrack& track, const Frame& frame) const {
    // Timestamps wrap: the nearest to the arrival is meant.
    const Duration arrived = running_time(frame.arrival);
    const auto ticks = static_cast<std::int32_t>(frame.timestamp - track.clock().timestamp(arrived));
    return arrived + Duration(std::int64_t{ticks} * 1'000'000'000 / track.clock_rate);
}

std::optional<std::uint64_t> LiveStream::cursor_at(const LiveTrack& track, Duration time) const {
    if (track.ring == nullptr || track.ring->empty()) return std::nullopt;
    std::uint64_t cursor = track.ring->end();
    while (cursor > track.ring->begin()) {
        auto before = track.ring->find(cursor - 1);
        if (!before || media_time(track, *before->frame) < time) break;
        cursor = before->frame->first_sequence;
    }
    return cursor;
}

}  // namespace millrace::webrtc
