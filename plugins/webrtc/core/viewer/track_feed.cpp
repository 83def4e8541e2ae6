// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/track_feed.hpp"

#include <utility>

namespace millrace::webrtc {

void TrackFeed::begin(std::unique_ptr<Packetizer> packetizer) {
    packetizer_ = std::move(packetizer);
    last_pts_.reset();
    reordered_ = false;
}

// A publisher that starts anew goes back in time too, by more than pictures are reordered.
bool TrackFeed::is_reordered(const codec::Frame& frame) const {
    constexpr Duration kFarthest = 1s;
    return last_pts_ && !frame.discontinuity && frame.pts < *last_pts_ && *last_pts_ - frame.pts < kFarthest;
}

Result<FramePtr> TrackFeed::push(const codec::Frame& frame, TimePoint arrival) {
    if (!packetizer_) return fail(Fault::bug, "a frame before its format");
    reordered_ = reordered_ || is_reordered(frame);
    last_pts_ = frame.pts;
    if (reordered_) {
        return fail(Fault::refused,
                    "the video has B-frames, which browsers do not play over WebRTC; encode it without them (OBS: "
                    "B-frames 0 or tune zerolatency, ffmpeg: -bf 0, x264enc: bframes=0)");
    }
    auto payloads = packetizer_->packetize(frame.payload);
    if (!payloads) return tl::unexpected(std::move(payloads).error());
    if (payloads->packets.empty()) return FramePtr();
    return sequence_.next(std::move(*payloads), clock_.timestamp(frame.pts), arrival);
}

}  // namespace millrace::webrtc
