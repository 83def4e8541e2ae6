// SPDX-License-Identifier: LGPL-2.1-or-later
// From the connection's worker to the source's streaming thread: what a publisher sends, in order and bounded. The one
// place where the two threads meet.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/gst/publisher_directory.hpp"
#include "rtmp/core/event.hpp"

namespace millrace::rtmp {

struct Connected {
    gst::PublisherInfo publisher;
};
struct Disconnected {
    std::string reason;  // "" when it left in good order
};
struct TimedMedia {
    Media media;
    TimePoint arrived;
};

struct EndAsked {};  // the application wants the end of the stream

using Item = std::variant<Connected, Disconnected, Metadata, FormatChanged, TimedMedia, Notice, EndAsked>;

class MediaQueue {
  public:
    // More than this and the publisher is not read from until half of it is gone: TCP holds it back.
    static constexpr std::size_t kFullAt = 4 << 20;  // bytes

    // Any thread. Returns false when the queue is full and the caller should stop reading until `drained` is called,
    // once, on the streaming thread.
    bool push(Item item, const std::function<void()>& drained = {});

    // The next item; empty when `until` has passed or the queue was closed.
    std::optional<Item> pop(TimePoint until);

    // Wakes pop() and drops everything; nothing goes in any more.
    void close();
    [[nodiscard]] bool closed();

  private:
    Mutex mutex_;
    Condition changed_;
    std::deque<Item> items_ GUARDED_BY(mutex_);
    std::size_t bytes_ GUARDED_BY(mutex_) = 0;
    std::function<void()> drained_ GUARDED_BY(mutex_);
    bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::rtmp
