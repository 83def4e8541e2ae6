// SPDX-License-Identifier: LGPL-2.1-or-later
// The launcher's own thread of control: a GMainContext that decisions are made on, whatever thread asks for them.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <utility>

#include "common/base/time.hpp"

namespace millrace::launcher {

class ControlLoop {
  public:
    explicit ControlLoop(GMainContext* context) : context_(g_main_context_ref(context)) {}
    ~ControlLoop() { g_main_context_unref(context_); }
    ControlLoop(const ControlLoop&) = delete;
    ControlLoop& operator=(const ControlLoop&) = delete;

    [[nodiscard]] GMainContext* context() const { return context_; }
    // Runs `task` on the loop, later, in order of posting. Any thread.
    void post(std::function<void()> task) const;

  private:
    GMainContext* context_;
};

// A source of the loop that goes with its owner: a timer, or the watch of a bus.
class Watch {
  public:
    Watch() = default;
    Watch(Watch&& other) noexcept : source_(std::exchange(other.source_, nullptr)) {}
    Watch& operator=(Watch&& other) noexcept {
        std::swap(source_, other.source_);
        return *this;
    }
    ~Watch();

    // Once, after `wait`. Replacing or destroying the Watch cancels it.
    static Watch after(const ControlLoop& loop, Duration wait, std::function<void()> fire);
    // Again and again.
    static Watch every(const ControlLoop& loop, Duration period, std::function<void()> fire);
    static Watch bus(const ControlLoop& loop, GstBus* bus, std::function<void(GstMessage*)> on_message);

  private:
    explicit Watch(GSource* source) : source_(source) {}
    GSource* source_ = nullptr;
};

}  // namespace millrace::launcher
