// SPDX-License-Identifier: LGPL-2.1-or-later
// Holds back what comes faster than real time. A live source is never delayed; a file is played out by the clock.
#pragma once

#include <gst/gst.h>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/gst/ref.hpp"

namespace millrace::gst {

class Pacer {
  public:
    explicit Pacer(GstElement* element) : element_(element) {}

    // Whether what arrives at `pad` comes from a live source, as its LATENCY query says.
    static bool is_live(GstPad* pad);

    void play();  // PAUSED to PLAYING: the clock runs
    void pause();
    void stop();  // wakes everyone who waits, for good; play() starts anew

    // Waits until the pipeline's running time has reached `when`. False when stopped meanwhile.
    bool wait_until(Duration when);

  private:
    GstElement* element_;
    Mutex mutex_;
    Condition changed_;
    enum class State { paused, playing, stopped } state_ GUARDED_BY(mutex_) = State::stopped;
};

}  // namespace millrace::gst
