// SPDX-License-Identifier: LGPL-2.1-or-later
// A pipeline that runs, and its way out. Changes of state happen on other threads: an element that takes its time holds
// up nobody but its own stream.
#pragma once

#include <functional>
#include <memory>

#include "launcher/graph/pipeline.hpp"
#include "launcher/run/control_loop.hpp"

namespace millrace::launcher {

class Playing {
  public:
    // What the pipeline says, on the loop. Nothing comes after retire().
    struct Events {
        std::function<void()> flowing;  // every end of a chain has media
        std::function<void()> ended;    // end of stream
        std::function<void(const std::string& place, const std::string& message)> failed;  // at most once
        std::function<void(const std::string& place, const std::string& message)> warned;
    };

    Playing(std::shared_ptr<ControlLoop> loop, std::unique_ptr<Pipeline> pipeline, Events events);
    ~Playing();
    Playing(const Playing&) = delete;
    Playing& operator=(const Playing&) = delete;

    void play();
    // Ends the stream at its sources, so that files are finished; events.ended follows if it works.
    void end();
    // Takes it down; `gone` is called on the loop once nothing of it is left. Afterwards this object may go at any
    // time.
    void retire(std::function<void()> gone);

    [[nodiscard]] std::uint64_t dropped() const;

  private:
    struct Shared;
    void on_message(GstMessage* message);
    void fail(const std::string& place, const std::string& message);

    std::shared_ptr<ControlLoop> loop_;
    std::shared_ptr<Shared> shared_;
    Events events_;
    Watch bus_;
    bool playing_ = false;
    bool media_ = false;
    bool flowing_said_ = false;
    bool failed_ = false;
};

}  // namespace millrace::launcher
