// SPDX-License-Identifier: LGPL-2.1-or-later
// One viewer with its socket and its way in: joins, watches, leaves, and can do so again.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tests/bench/whep_viewers/poll.hpp"
#include "tests/bench/whep_viewers/signalling.hpp"
#include "tests/support/webrtc/whep_viewer.hpp"

namespace millrace::bench {

// When things happened that a viewer waits for; kNever where they have not.
struct JoinTimes {
    TimePoint asked = kNever;
    TimePoint answered = kNever;
};

class Seat : private Poll::Ready {
  public:
    enum class State { empty, joining, watching, leaving, failed };

    using MakeSignalling = std::function<std::unique_ptr<Signalling>()>;

    Seat(Poll& poll, MakeSignalling make_signalling) : poll_(poll), make_signalling_(std::move(make_signalling)) {}
    ~Seat() override { close_socket(); }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    void join(std::unique_ptr<webrtc::test::WhepViewer> viewer, Duration patience);
    void leave();
    void tick(TimePoint now);

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const std::string& failure() const { return failure_; }
    [[nodiscard]] const JoinTimes& times() const { return times_; }
    // Of the viewer that is here, or was last; null before the first.
    [[nodiscard]] const webrtc::test::WhepViewer* viewer() const { return viewer_.get(); }

  private:
    void ready(std::uint32_t events) override;
    void connect(TimePoint now);
    void settle();
    void fail_with(const std::string& why);
    void close_socket();

    Poll& poll_;
    const MakeSignalling make_signalling_;
    std::unique_ptr<webrtc::test::WhepViewer> viewer_;
    std::unique_ptr<Signalling> signalling_;
    int socket_ = -1;
    State state_ = State::empty;
    std::string failure_;
    JoinTimes times_;
    TimePoint give_up_ = kNever;
};

}  // namespace millrace::bench
