// SPDX-License-Identifier: LGPL-2.1-or-later
// Whose file descriptor is ready, for tens of thousands of them. One thread.
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <unordered_set>

#include "common/base/time.hpp"

namespace millrace::bench {

inline TimePoint now() {
    return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

class Poll {
  public:
    class Ready {
      public:
        virtual ~Ready() = default;
        virtual void ready(std::uint32_t events) = 0;
    };

    Poll() : descriptor_(epoll_create1(EPOLL_CLOEXEC)) {}
    ~Poll() { close(descriptor_); }
    Poll(const Poll&) = delete;
    Poll& operator=(const Poll&) = delete;

    void add(int descriptor, std::uint32_t events, Ready& who) { control(EPOLL_CTL_ADD, descriptor, events, who); }
    void change(int descriptor, std::uint32_t events, Ready& who) { control(EPOLL_CTL_MOD, descriptor, events, who); }
    // Before the descriptor is closed; `who` may go at once, even when it is ready in this very round.
    void remove(int descriptor, Ready& who) {
        epoll_ctl(descriptor_, EPOLL_CTL_DEL, descriptor, nullptr);
        gone_.insert(&who);
    }

    void wait(int milliseconds) {
        std::array<epoll_event, 512> events;
        gone_.clear();
        const int count = epoll_wait(descriptor_, events.data(), static_cast<int>(events.size()), milliseconds);
        for (int index = 0; index < count; ++index) {
            auto* who = static_cast<Ready*>(events[static_cast<std::size_t>(index)].data.ptr);
            if (gone_.empty() || !gone_.contains(who)) who->ready(events[static_cast<std::size_t>(index)].events);
        }
    }

  private:
    void control(int operation, int descriptor, std::uint32_t events, Ready& who) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = &who;
        gone_.erase(&who);
        epoll_ctl(descriptor_, operation, descriptor, &event);
    }

    int descriptor_;
    std::unordered_set<Ready*> gone_;
};

}  // namespace millrace::bench
