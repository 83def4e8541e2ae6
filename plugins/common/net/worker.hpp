// SPDX-License-Identifier: LGPL-2.1-or-later
// A thread with an event loop. What belongs to a worker is touched on its thread only and needs no lock.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"

typedef struct _GMainContext GMainContext;

namespace millrace::net {

// The process's monotonic clock: the only place below the elements that reads one.
TimePoint now();
// The process's wall clock.
UnixTime wall_now();

class Worker {
  public:
    explicit Worker(std::string name);  // starts the thread
    ~Worker();                          // runs what was posted before, then joins
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Runs `task` on the worker's thread, in order of posting. Any thread.
    void post(std::function<void()> task);
    // As post(), and returns when it has run. Not from the worker itself (it would wait for itself): then it runs at once.
    void run(const std::function<void()>& task);

    [[nodiscard]] bool is_current() const;
    [[nodiscard]] GMainContext* context() const;

    // A timer on the worker's thread; the callback runs there. Cancelled by its destructor. Worker thread only.
    class Timer {
      public:
        Timer(Worker& worker, std::function<void()> fire);
        ~Timer();
        Timer(const Timer&) = delete;
        Timer& operator=(const Timer&) = delete;
        void at(TimePoint when);  // kNever disarms; a new time replaces the old
      private:
        struct Impl;
        std::unique_ptr<Impl> impl_;
    };

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The process's I/O workers, one a core up to four, started on first use; round-robin.
std::shared_ptr<Worker> next_io_worker();

}  // namespace millrace::net
