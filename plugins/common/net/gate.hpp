// SPDX-License-Identifier: LGPL-2.1-or-later
// An orderly stop as a type: a gate lets work in until it closes, and closing waits for the work that is inside.
#pragma once

#include <utility>

#include "common/base/thread.hpp"

namespace millrace::net {

class Gate {
  public:
    // Leave to work. False when the gate is closed; leaves when destroyed.
    class Pass {
      public:
        Pass() = default;
        Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        Pass& operator=(Pass&&) = delete;
        ~Pass() {
            if (gate_) gate_->leave();
        }
        explicit operator bool() const { return gate_ != nullptr; }

      private:
        friend class Gate;
        explicit Pass(Gate* gate) : gate_(gate) {}
        Gate* gate_ = nullptr;
    };

    Gate() = default;
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    [[nodiscard]] Pass enter() {
        Lock lock(mutex_);
        if (closed_) return {};
        ++inside_;
        return Pass(this);
    }

    // Returns when the last pass is gone. Never from inside: it would wait for itself.
    void close() {
        Lock lock(mutex_);
        closed_ = true;
        while (inside_ > 0) empty_.wait(mutex_);
    }

  private:
    void leave() {
        Lock lock(mutex_);
        if (--inside_ == 0 && closed_) empty_.notify_all();
    }

    Mutex mutex_;
    Condition empty_;
    unsigned inside_ GUARDED_BY(mutex_) = 0;
    bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::net
