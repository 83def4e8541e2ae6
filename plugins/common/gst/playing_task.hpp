// SPDX-License-Identifier: LGPL-2.1-or-later
// The streaming thread of a source's run: one step after the other while the element plays.
//
// What the steps work on is the thread's from start() to join(). It is handed over, and back, under a lock of ours:
// ThreadSanitizer does not see GLib's.
#pragma once

#include <gst/gst.h>

#include <functional>

#include "common/base/thread.hpp"
#include "common/gst/ref.hpp"

namespace millrace::gst {

class PlayingTask {
  public:
    explicit PlayingTask(std::function<void()> step);
    ~PlayingTask();
    PlayingTask(const PlayingTask&) = delete;
    PlayingTask& operator=(const PlayingTask&) = delete;

    // The thread is called as the element is.
    void start(GstElement* element);

    // ---- any thread
    void play();
    void pause();  // no step begins until play()
    void stop();   // nor ever again; whatever a step waits for is its owner's to end
    // ---- from a step
    void finish();  // this one is the last

    // Stops, and returns when no step runs any more. Not from a step.
    void join();

  private:
    void run();
    bool wait_until_playing();

    const std::function<void()> step_;
    Mutex mutex_;
    Condition changed_;
    bool playing_ GUARDED_BY(mutex_) = false;
    bool stopping_ GUARDED_BY(mutex_) = false;
    GRecMutex lock_;
    Ref<GstTask> task_;
};

}  // namespace millrace::gst
