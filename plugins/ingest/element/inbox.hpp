// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens to an ingestion, from whichever thread it happens on to the one that deals with it, in order.
#pragma once

#include <gst/gst.h>

#include <deque>
#include <optional>
#include <string>
#include <variant>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/gst/publisher_directory.hpp"
#include "common/gst/ref.hpp"

namespace millrace::ingest {

// A publisher waits, or does not any more.
struct Appeared {
    gst::Ref<GstDevice> device;
};
struct Vanished {
    gst::Ref<GstDevice> device;
};

// Of the source with that number.
struct Connected {
    unsigned source;
    gst::PublisherInfo publisher;
};
struct Disconnected {
    unsigned source;
    gst::PublisherInfo publisher;
};
struct Exhausted {
    unsigned source;
};

struct EndAsked {};  // the application wants the end of the stream

using Happening = std::variant<Appeared, Vanished, Connected, Disconnected, Exhausted, EndAsked>;

class Inbox {
  public:
    void push(Happening happening);  // any thread

    // The next one; empty when `until` has passed or the inbox was closed.
    std::optional<Happening> pop(TimePoint until);

    // Wakes pop() and drops everything; nothing goes in any more.
    void close();
    [[nodiscard]] bool closed();

  private:
    Mutex mutex_;
    Condition changed_;
    std::deque<Happening> happenings_ GUARDED_BY(mutex_);
    bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::ingest
