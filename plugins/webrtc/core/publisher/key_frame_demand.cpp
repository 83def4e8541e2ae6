// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/key_frame_demand.hpp"

#include <algorithm>

namespace millrace::webrtc {

void KeyFrameDemand::want(TimePoint now) {
    // The request that is on its way serves this wish as well.
    if (outstanding_ && now - *asked_ < kLeastInterval) return;
    due_ = std::min(due_, asked_ ? std::max(now, *asked_ + kLeastInterval) : now);
}

bool KeyFrameDemand::poll(TimePoint now) {
    if (now < due_) return false;
    asked_ = now;
    outstanding_ = true;
    due_ = now + kRepeat;
    ++requests_;
    return true;
}

}  // namespace millrace::webrtc
