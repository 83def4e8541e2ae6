// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/playing_task.hpp"

#include <utility>

namespace millrace::gst {

PlayingTask::PlayingTask(std::function<void()> step)
    : step_(std::move(step)),
      task_(adopt(gst_task_new([](gpointer self) { static_cast<PlayingTask*>(self)->run(); }, this, nullptr))) {
    g_rec_mutex_init(&lock_);
    gst_task_set_lock(task_.get(), &lock_);
}

PlayingTask::~PlayingTask() {
    join();
    g_rec_mutex_clear(&lock_);
}

void PlayingTask::start(GstElement* element) {
    OwnedText name(gst_element_get_name(element));
    gst_object_set_name(GST_OBJECT(task_.get()), name.get());
    Lock lock(mutex_);
    gst_task_start(task_.get());
}

void PlayingTask::play() {
    Lock lock(mutex_);
    playing_ = true;
    changed_.notify_all();
}

void PlayingTask::pause() {
    Lock lock(mutex_);
    playing_ = false;
}

void PlayingTask::stop() {
    {
        Lock lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    gst_task_stop(task_.get());
}

void PlayingTask::finish() {
    gst_task_pause(task_.get());
}

void PlayingTask::join() {
    stop();
    gst_task_join(task_.get());
    Lock lock(mutex_);
}

bool PlayingTask::wait_until_playing() {
    Lock lock(mutex_);
    while (!playing_ && !stopping_) changed_.wait(mutex_);
    return !stopping_;
}

void PlayingTask::run() {
    if (!wait_until_playing()) return;
    step_();
    Lock lock(mutex_);
}

}  // namespace millrace::gst
