// SPDX-License-Identifier: LGPL-2.1-or-later
// whep-viewers: thousands of WebRTC viewers in one thread, so that a bench measures the server and not its viewers.
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>

#include "tests/bench/whep_viewers/options.hpp"
#include "tests/bench/whep_viewers/report.hpp"
#include "tests/bench/whep_viewers/seat.hpp"

namespace millrace::bench {

namespace {

using webrtc::test::DtlsIdentity;
using webrtc::test::WhepViewer;
using webrtc::test::WhepViewerOptions;

constexpr Duration kTick = 10ms;
constexpr Duration kWarmUp = 1s;
constexpr Duration kFarewell = 5s;

Duration as_duration(double seconds) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

class Crowd {
  public:
    Crowd(const Options& options, const Url& url) : options_(options) {
        auto make_signalling = [this, url] {
            return options_.janus ? make_janus(poll_, url, options_.mountpoint) : make_whep(poll_, url);
        };
        for (int index = 0; index < options.viewers; ++index)
            seats_.push_back(std::make_unique<Seat>(poll_, make_signalling));
    }

    // Returns when everybody has joined or failed.
    void join() {
        const TimePoint begin = now();
        const auto settled = [this] { return next_ == seats_.size() && in_state(Seat::State::joining) == 0; };
        // Each viewer has its own patience: this one is only so that nothing waits for ever.
        run_until(kNever, settled, [&] { let_in(begin); });
        joining_ = now() - begin;
    }

    Run measure() {
        run_until(
            now() + kWarmUp, [] { return false; }, [] {});
        delays_.clear();
        Run run{seats_, delays_, mark(seats_), {}, joining_, 0};
        std::puts("ready");
        std::fflush(stdout);
        const TimePoint end = run.begin.at + as_duration(options_.seconds);
        run_until(
            end, [] { return false; }, [&] { run.left = churn(run.begin.at); });
        run.end = mark(seats_);
        return run;
    }

    void leave() {
        for (const auto& seat : seats_) {
            seat->leave();
            while (in_state(Seat::State::leaving) >= static_cast<std::size_t>(options_.in_flight)) poll_.wait(5);
        }
        run_until(
            now() + kFarewell, [this] { return in_state(Seat::State::leaving) == 0; }, [] {});
    }

  private:
    [[nodiscard]] std::size_t in_state(Seat::State state) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(seats_, [&](const auto& seat) { return seat->state() == state; }));
    }

    template <class Done, class EachTick>
    void run_until(TimePoint end, const Done& done, const EachTick& each_tick) {
        TimePoint next_tick = now();
        while (true) {
            poll_.wait(5);
            const TimePoint time = now();
            if (time >= end) return;
            if (time < next_tick) continue;
            next_tick = time + kTick;
            for (const auto& seat : seats_) seat->tick(time);
            each_tick();
            if (done()) return;
        }
    }

    // As many more as the options allow by now.
    void let_in(TimePoint begin) {
        auto due = static_cast<double>(seats_.size());
        if (options_.joins_per_second > 0)
            due = std::min(due, options_.joins_per_second * std::chrono::duration<double>(now() - begin).count() + 1);
        auto joining = in_state(Seat::State::joining);
        for (; next_ < static_cast<std::size_t>(due) && joining < static_cast<std::size_t>(options_.in_flight);
             ++joining)
            sit_down(next_++);
    }

    void sit_down(std::size_t index) {
        WhepViewerOptions options;
        options.abilities.rtx = options_.rtx;
        options.abilities.transport_cc = options_.transport_cc;
        options.decrypt = options_.decrypt_every > 0 && index % static_cast<std::size_t>(options_.decrypt_every) == 0;
        options.nack = options_.nack;
        options.pli = options_.pli;
        options.loss = options_.loss;
        options.remb = options_.remb;
        options.random = static_cast<std::uint32_t>(index + 1);
        auto viewer = WhepViewer::make(identity_, options, &delays_);
        if (viewer) seats_[index]->join(std::move(*viewer), as_duration(options_.patience));
    }

    // Viewers leave at the rate that is wanted; who has left joins again. Returns how many have left since `begin`.
    int churn(TimePoint begin) {
        if (options_.churn <= 0) return 0;
        const double due = options_.churn * std::chrono::duration<double>(now() - begin).count();
        for (; left_ < static_cast<int>(due); ++left_) {
            const std::size_t index = random_() % seats_.size();
            if (seats_[index]->state() == Seat::State::watching) seats_[index]->leave();
        }
        for (std::size_t index = 0; index < seats_.size(); ++index)
            if (seats_[index]->state() == Seat::State::empty) sit_down(index);
        return left_;
    }

    const Options options_;
    const std::shared_ptr<const DtlsIdentity> identity_ = WhepViewer::make_identity();
    Poll poll_;
    webrtc::test::DelayHistogram delays_;
    Seats seats_;
    std::size_t next_ = 0;  // the first that has not joined yet
    Duration joining_{};
    int left_ = 0;
    std::minstd_rand random_;
};

void allow_many_sockets() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int run(int argc, char** argv) {
    int status = 0;
    const auto options = read_options(argc, argv, status);
    if (!options) return status;
    auto url = parse_url(options->url);
    if (!url) {
        std::fprintf(stderr, "%s\n", url.error().what.c_str());
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    allow_many_sockets();
    Crowd crowd(*options, *url);
    crowd.join();
    const Run measured = crowd.measure();
    std::puts(report(measured).c_str());
    std::fflush(stdout);
    const bool all_there =
        std::ranges::none_of(measured.seats, [](const auto& seat) { return seat->state() == Seat::State::failed; });
    crowd.leave();
    return all_there ? 0 : 1;
}

}  // namespace millrace::bench

int main(int argc, char** argv) {
    return millrace::bench::run(argc, argv);
}
