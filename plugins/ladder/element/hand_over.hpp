// SPDX-License-Identifier: LGPL-2.1-or-later
// From one thread to the next: a queue of a few buffers and the events between them. Bounded; who finds it full decides
// whether to wait or to do without.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <deque>
#include <optional>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/gst/ref.hpp"

namespace millrace::ladder {

// A buffer or an event.
struct Item {
    gst::Ref<GstBuffer> buffer;
    gst::Ref<GstEvent> event;
    bool key = false;   // of a picture: it is to become a key frame
    TimePoint arrival;  // of what it was made from
};

class HandOver {
  public:
    explicit HandOver(std::size_t most) : most_(most) {}

    // False when there is no room.
    bool offer(Item item) {
        Lock lock(mutex_);
        if (!stopped_ && buffers_ >= most_) return false;
        add(std::move(item));
        return true;
    }
    // Waits for room.
    void give(Item item) {
        Lock lock(mutex_);
        while (!stopped_ && buffers_ >= most_) changed_.wait(mutex_);
        add(std::move(item));
    }
    // Events are few and must not be lost, and neither must a key frame.
    void force(Item item) {
        Lock lock(mutex_);
        add(std::move(item));
    }

    // Waits for something. Nothing when it is over.
    std::optional<Item> take() {
        Lock lock(mutex_);
        while (!stopped_ && items_.empty()) changed_.wait(mutex_);
        if (stopped_) return std::nullopt;
        Item item = std::move(items_.front());
        items_.pop_front();
        if (item.buffer) --buffers_;
        changed_.notify_all();
        return item;
    }

    // What waits is forgotten; nobody waits any more.
    void stop() {
        Lock lock(mutex_);
        stopped_ = true;
        clear();
    }
    void flush() {
        Lock lock(mutex_);
        clear();
    }

  private:
    void add(Item item) REQUIRES(mutex_) {
        if (stopped_) return;
        if (item.buffer) ++buffers_;
        items_.push_back(std::move(item));
        changed_.notify_all();
    }
    void clear() REQUIRES(mutex_) {
        items_.clear();
        buffers_ = 0;
        changed_.notify_all();
    }

    const std::size_t most_;
    Mutex mutex_;
    Condition changed_;
    std::deque<Item> items_ GUARDED_BY(mutex_);
    std::size_t buffers_ GUARDED_BY(mutex_) = 0;
    bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::ladder
