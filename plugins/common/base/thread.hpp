// SPDX-License-Identifier: LGPL-2.1-or-later
// Which thread may touch what, in words clang's -Wthread-safety checks. Expands to nothing on other compilers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#if defined(__clang__)
#define MILL_ATTRIBUTE(x) __attribute__((x))
#else
#define MILL_ATTRIBUTE(x)
#endif

#define GUARDED_BY(x) MILL_ATTRIBUTE(guarded_by(x))
#define RUNS_ON(x) MILL_ATTRIBUTE(requires_capability(x))
#define REQUIRES(x) MILL_ATTRIBUTE(requires_capability(x))
#define EXCLUDES(x) MILL_ATTRIBUTE(locks_excluded(x))

namespace millrace {

class MILL_ATTRIBUTE(capability("mutex")) Mutex {
  public:
    void lock() MILL_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
    void unlock() MILL_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

  private:
    friend class Condition;
    std::mutex mutex_;
};

class MILL_ATTRIBUTE(scoped_lockable) Lock {
  public:
    explicit Lock(Mutex& mutex) MILL_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
    ~Lock() MILL_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    Mutex& mutex_;
};

// A condition variable over Mutex. Call only while the mutex is held by a Lock.
class Condition {
  public:
    void wait(Mutex& mutex) REQUIRES(mutex) {
        std::unique_lock<std::mutex> adopted(mutex.mutex_, std::adopt_lock);
        condition_.wait(adopted);
        adopted.release();
    }
    template <class Rep, class Period>
    bool wait_for(Mutex& mutex, std::chrono::duration<Rep, Period> timeout) REQUIRES(mutex) {
        std::unique_lock<std::mutex> adopted(mutex.mutex_, std::adopt_lock);
        bool woken = condition_.wait_for(adopted, timeout) == std::cv_status::no_timeout;
        adopted.release();
        return woken;
    }
    void notify_all() { condition_.notify_all(); }

  private:
    std::condition_variable condition_;
};

// A thread as a capability: members say GUARDED_BY(role_), functions RUNS_ON(role_), entry points call check().
class MILL_ATTRIBUTE(capability("role")) ThreadRole {
  public:
    void check() const MILL_ATTRIBUTE(assert_capability(this)) {}
};

// A value that cannot be touched without its lock.
template <class T>
class Guarded {
  public:
    Guarded() = default;
    explicit Guarded(T value) : value_(std::move(value)) {}

    T copy() const {
        Lock lock(mutex_);
        return value_;
    }
    template <class F>
    auto with(F&& use) {
        Lock lock(mutex_);
        return use(value_);
    }

  private:
    mutable Mutex mutex_;
    T value_ GUARDED_BY(mutex_){};
};

}  // namespace millrace
