// SPDX-License-Identifier: LGPL-2.1-or-later
// The life of one stream path: started, live, ended, failed and tried again. Knows nothing of any other stream.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "launcher/config/pipeline_file.hpp"
#include "launcher/run/backoff.hpp"
#include "launcher/run/control_loop.hpp"
#include "launcher/run/playing.hpp"

namespace millrace::launcher {

// Told on the control loop what happens to streams.
class StreamObserver {
  public:
    virtual ~StreamObserver() = default;
    virtual void on_started(const std::string& path) = 0;
    virtual void on_stopped(const std::string& path) = 0;
    virtual void on_failed(const std::string& path, const std::string& element, const std::string& message,
                           Duration retry) = 0;
    virtual void on_warning(const std::string& path, const std::string& element, const std::string& message) = 0;
};

enum class StreamState { idle, starting, live, ended, waiting, stopping };
const char* name_of(StreamState state);

class StreamRun {
  public:
    // What only the owner knows.
    struct Owner {
        std::function<bool()> wanted;   // after a failure or an end: is there still someone to run for?
        std::function<void()> changed;  // the state is another
    };

    StreamRun(std::shared_ptr<ControlLoop> loop, std::string path, Stream rule, StreamObserver& observer, Owner owner);
    ~StreamRun();

    // Runs it, now or when the wait after a failure is over. A stream that has ended starts over.
    void start();
    // Ends it, at most `grace` after asking its sources to; then it is idle.
    void stop(Duration grace);

    [[nodiscard]] StreamState state() const { return state_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const Stream& rule() const { return rule_; }
    [[nodiscard]] std::uint64_t dropped() const { return playing_ ? playing_->dropped() : 0; }
    [[nodiscard]] TimePoint live_since() const { return live_since_; }

  private:
    void set_state(StreamState state);
    void launch();
    void on_flowing();
    void on_ended();
    void on_failed(const std::string& place, const std::string& message);
    void take_down(std::function<void()> then);
    void wait_and_retry(Duration wait);

    std::shared_ptr<ControlLoop> loop_;
    const std::string path_;
    const Stream rule_;
    StreamObserver& observer_;
    Owner owner_;
    StreamState state_ = StreamState::idle;
    bool was_live_ = false;     // on_started() without its on_stopped()
    bool start_again_ = false;  // asked to start while stopping
    TimePoint live_since_ = kNever;
    TimePoint retry_at_ = TimePoint::min();
    Backoff backoff_;
    std::set<std::string> warnings_;  // said already
    std::unique_ptr<Playing> playing_;
    Watch timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what was posted and comes too late
};

}  // namespace millrace::launcher
