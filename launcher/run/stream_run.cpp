// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/stream_run.hpp"

#include "common/net/worker.hpp"
#include "launcher/graph/plan.hpp"

namespace millrace::launcher {

namespace {

constexpr Duration kLinger = 30s;  // an ended publication stays visible, unless its publisher is back before
constexpr std::size_t kMostWarnings = 20;

}  // namespace

const char* name_of(StreamState state) {
    constexpr const char* kNames[] = {"idle", "starting", "live", "ended", "waiting", "stopping"};
    return kNames[static_cast<int>(state)];
}

StreamRun::StreamRun(std::shared_ptr<ControlLoop> loop, std::string path, Stream rule, StreamObserver& observer,
                     Owner owner)
    : loop_(std::move(loop)),
      path_(std::move(path)),
      rule_(std::move(rule)),
      observer_(observer),
      owner_(std::move(owner)) {}

StreamRun::~StreamRun() = default;

void StreamRun::set_state(StreamState state) {
    if (state_ == state) return;
    state_ = state;
    owner_.changed();
}

void StreamRun::start() {
    switch (state_) {
        case StreamState::starting:
        case StreamState::live:
            return;
        case StreamState::stopping:
            start_again_ = true;
            return;
        case StreamState::ended:
            return take_down([this] { launch(); });
        case StreamState::waiting:
        case StreamState::idle:
            break;
    }
    if (net::now() < retry_at_) return wait_and_retry(retry_at_ - net::now());
    launch();
}

void StreamRun::launch() {
    timer_ = Watch();
    Problems problems;
    auto plan = make_plan(rule_, path_, problems);
    if (!plan) return on_failed("the pipeline file", problems.front().message);
    auto pipeline = Pipeline::build(std::move(*plan));
    if (!pipeline) return on_failed("the pipeline", pipeline.error().what);
    gst_object_set_name(GST_OBJECT((*pipeline)->element()), path_.c_str());
    playing_ = std::make_unique<Playing>(
        loop_, std::move(*pipeline),
        Playing::Events{[this] { on_flowing(); }, [this] { on_ended(); },
                        [this](const std::string& place, const std::string& message) { on_failed(place, message); },
                        [this](const std::string& place, const std::string& message) {
                            bool fresh = warnings_.size() < kMostWarnings && warnings_.insert(place + message).second;
                            if (fresh) observer_.on_warning(path_, place, message);
                        }});
    playing_->play();
    set_state(StreamState::starting);
}

void StreamRun::on_flowing() {
    if (state_ != StreamState::starting) return;
    live_since_ = net::now();
    backoff_.healthy(live_since_);
    was_live_ = true;
    set_state(StreamState::live);
    observer_.on_started(path_);
}

void StreamRun::on_ended() {
    if (state_ == StreamState::stopping) return take_down([] {});
    if (rule_.run == Run::on_publish) {
        if (std::exchange(was_live_, false)) observer_.on_stopped(path_);
        set_state(StreamState::ended);
        timer_ = Watch::after(*loop_, kLinger, [this] { take_down([] {}); });
        return;
    }
    Duration wait = backoff_.failed(net::now());
    take_down([this, wait] { wait_and_retry(wait); });
}

void StreamRun::on_failed(const std::string& place, const std::string& message) {
    // What breaks once it was told to stop, or after its end, is of no interest to anyone.
    if (state_ == StreamState::stopping || state_ == StreamState::ended) return take_down([] {});
    Duration wait = backoff_.failed(net::now());
    observer_.on_failed(path_, place, message, wait);
    retry_at_ = net::now() + wait;
    take_down([this, wait] { wait_and_retry(wait); });
}

void StreamRun::wait_and_retry(Duration wait) {
    timer_ = Watch::after(*loop_, wait, [this] {
        set_state(StreamState::idle);
        if (owner_.wanted()) launch();
    });
    set_state(StreamState::waiting);
}

void StreamRun::take_down(std::function<void()> then) {
    timer_ = Watch();
    if (std::exchange(was_live_, false)) observer_.on_stopped(path_);
    auto down = [this, alive = std::weak_ptr<bool>(alive_), then = std::move(then)] {
        if (!alive.lock()) return;
        set_state(StreamState::idle);
        if (std::exchange(start_again_, false)) return launch();
        then();
    };
    set_state(StreamState::stopping);
    if (!playing_) return loop_->post(down);
    // Not destroyed here: this may be a call of its own.
    playing_->retire([this, alive = std::weak_ptr<bool>(alive_), down] {
        if (alive.lock()) playing_.reset();
        down();
    });
}

void StreamRun::stop(Duration grace) {
    start_again_ = false;
    if (state_ == StreamState::stopping || state_ == StreamState::idle) return;
    bool can_end = state_ == StreamState::live && grace > 0s && playing_;
    if (!can_end) return take_down([] {});
    set_state(StreamState::stopping);
    timer_ = Watch::after(*loop_, grace, [this] { take_down([] {}); });
    playing_->end();
}

}  // namespace millrace::launcher
