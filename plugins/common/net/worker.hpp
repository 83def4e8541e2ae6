// SPDX-License-Identifier: LGPL-2.1-or-later
// A thread with an event loop. What belongs to a worker is touched on its thread only and needs no lock.
//
// Tasks, timers and file descriptors share three event sources, however many there are of each: GLib looks at every
// source in every turn, and a worker may carry thousands of connections.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

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
    // A worker without a thread of its own: whoever iterates `context` is its thread. For servers an application owns.
    static std::shared_ptr<Worker> around(GMainContext* context);
    // Runs what was posted before, then joins. On the worker's own thread it cannot join: the thread ends by itself.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Runs `task` on the worker's thread, in order of posting. Any thread.
    void post(std::function<void()> task);
    // As post(), and returns when it has run. Not from the worker itself (it would wait for itself): then it runs at
    // once.
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
        void at(TimePoint when);  // kNever disarms; a new time replaces the old. Fires at or after `when`, once
      private:
        friend class Worker;
        struct Impl;
        std::shared_ptr<Impl> impl_;
    };

    // Tells when a file descriptor is ready. Level-triggered. Worker thread only; destroy it before closing the
    // descriptor.
    class Watch {
      public:
        struct Ready {
            bool read = false;
            bool write = false;
            bool hung_up = false;  // the peer will send no more
            bool broken = false;   // reset or shut down in both directions; told whatever is wanted
        };
        Watch(Worker& worker, int descriptor, std::function<void(Ready)> ready);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        void want(bool read, bool write);
        void want_hang_up();  // this alone, besides broken

      private:
        friend class Worker;
        struct Impl;
        void want_events(std::uint32_t events);
        std::shared_ptr<Impl> impl_;
    };

  private:
    struct Impl;
    explicit Worker(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

// The process's I/O workers, one a core up to four, started on first use and ended with their last user.
std::vector<std::shared_ptr<Worker>> io_workers();
// One of them, round-robin.
std::shared_ptr<Worker> next_io_worker();
// True on a thread that belongs to a worker, where waiting for another worker could be waiting for oneself.
bool on_a_worker();

}  // namespace millrace::net
