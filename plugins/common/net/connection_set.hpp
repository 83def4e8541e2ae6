// SPDX-License-Identifier: LGPL-2.1-or-later
// The live connections of one server: a bound on their number, and an end that closes them all.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <utility>

#include "common/base/thread.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

// What a set can close. Belongs to one worker for life.
class Member {
  public:
    explicit Member(std::shared_ptr<Worker> worker) : worker_(std::move(worker)) {}
    virtual ~Member() = default;
    virtual void close_now() = 0;  // on its worker; leaves the set before it returns, or has left already

    [[nodiscard]] const std::shared_ptr<Worker>& worker() const { return worker_; }

  private:
    const std::shared_ptr<Worker> worker_;
};

class ConnectionSet {
  public:
    explicit ConnectionSet(std::size_t bound) : bound_(bound) {}

    // False when the set is full or closed.
    bool enter(const std::shared_ptr<Member>& member);
    void leave(const std::shared_ptr<Member>& member);
    [[nodiscard]] std::size_t count() const;

    // Lets nobody in any more, closes every member and returns when all have left. On a worker's thread, which must not
    // wait for another, it returns at once and the members go in their own time.
    void close();

  private:
    const std::size_t bound_;
    mutable Mutex mutex_;
    Condition left_;
    bool closed_ GUARDED_BY(mutex_) = false;
    std::set<std::shared_ptr<Member>> members_ GUARDED_BY(mutex_);
};

}  // namespace millrace::net
