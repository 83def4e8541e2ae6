// SPDX-License-Identifier: LGPL-2.1-or-later
// How far a stream has come in running time, whichever publisher brought it: who goes on with it must not step back.
#pragma once

#include <algorithm>
#include <optional>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"

namespace millrace::gst {

// Any thread.
class Progress {
  public:
    void reached(Duration time) {
        Lock lock(mutex_);
        latest_ = std::max(latest_.value_or(time), time);
    }

    // 0 before anything came.
    [[nodiscard]] Duration latest() const {
        Lock lock(mutex_);
        return latest_.value_or(0ns);
    }
    // What a publisher whose first frame is at `time` must add to its times.
    [[nodiscard]] Duration lag_of(Duration time) const {
        Lock lock(mutex_);
        return latest_ ? std::max<Duration>(*latest_ - time, 0ns) : 0ns;
    }

  private:
    mutable Mutex mutex_;
    std::optional<Duration> latest_ GUARDED_BY(mutex_);
};

}  // namespace millrace::gst
