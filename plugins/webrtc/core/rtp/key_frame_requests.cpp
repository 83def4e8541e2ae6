// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/key_frame_requests.hpp"

#include <algorithm>

namespace millrace::webrtc {

bool KeyFrameRequests::want(TimePoint now) {
    wanted_ = true;
    return ask_if_due(now);
}

bool KeyFrameRequests::poll(TimePoint now) {
    return wanted_ && ask_if_due(now);
}

bool KeyFrameRequests::ask_if_due(TimePoint now) {
    if (asked_ && now - *asked_ < interval_) return false;
    asked_ = now;
    return true;
}

bool is_served_by(const MediaRing& ring, const KeyFrameWish& wish, TimePoint now) {
    // A decoder takes its time: a browser's second PLI may leave while the first frame is being decoded.
    constexpr Duration kDecoding = 100ms;
    FramePtr key_frame = ring.newest_key_frame();
    if (key_frame && key_frame->end_sequence() > wish.cursor) return true;
    return wish.key_frame_sent && now - *wish.key_frame_sent < wish.round_trip + kDecoding;
}

}  // namespace millrace::webrtc
