// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/media_queue.hpp"

#include <utility>

#include "common/net/worker.hpp"

namespace millrace::rtmp {

namespace {

std::size_t cost(const Item& item) {
    constexpr std::size_t kOverhead = 256;
    const auto* timed = std::get_if<TimedMedia>(&item);
    return kOverhead + (timed ? timed->media.payload.owner.capacity() : 0);
}

}  // namespace

bool MediaQueue::push(Item item, const std::function<void()>& drained) {
    Lock lock(mutex_);
    if (closed_) return true;
    bytes_ += cost(item);
    items_.push_back(std::move(item));
    changed_.notify_all();
    if (bytes_ < kFullAt || !drained) return true;
    drained_ = drained;
    return false;
}

std::optional<Item> MediaQueue::pop(TimePoint until) {
    std::function<void()> drained;
    std::optional<Item> item;
    {
        Lock lock(mutex_);
        while (items_.empty() && !closed_) {
            if (until == kNever) {
                changed_.wait(mutex_);
                continue;
            }
            const Duration left = until - net::now();
            if (left <= 0ns) return std::nullopt;
            changed_.wait_for(mutex_, left);
        }
        if (closed_) return std::nullopt;
        item = std::move(items_.front());
        items_.pop_front();
        bytes_ -= cost(*item);
        if (bytes_ < kFullAt / 2) drained = std::exchange(drained_, nullptr);
    }
    if (drained) drained();
    return item;
}

void MediaQueue::close() {
    Lock lock(mutex_);
    closed_ = true;
    items_.clear();
    bytes_ = 0;
    drained_ = nullptr;
    changed_.notify_all();
}

bool MediaQueue::closed() {
    Lock lock(mutex_);
    return closed_;
}

}  // namespace millrace::rtmp
