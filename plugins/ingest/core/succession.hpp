// SPDX-License-Identifier: LGPL-2.1-or-later
// Who publishes a stream next: which of the publishers that wait is taken, who is refused, when the source of one is
// given up for another, and when the stream has ended. Decides; does nothing itself.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/time.hpp"

namespace millrace::ingest {

using Candidate = std::uint64_t;  // a publisher that waits, by a number of the caller's

struct Take {
    Candidate who;
};
struct Refuse {  // the stream has a publisher
    Candidate who;
};
struct Drop {};  // the source of the last Take
struct End {};   // of the stream; the last decision
using Decision = std::variant<Take, Refuse, Drop, End>;

class Succession {
  public:
    // How long a publisher's source may take to have it: who may publish is asked meanwhile. Less than the others wait.
    static constexpr Duration kTakes = 5s;

    explicit Succession(Duration reconnect_timeout) : reconnect_timeout_(reconnect_timeout) {}

    void appeared(Candidate who, TimePoint now);
    void vanished(Candidate who);
    // The source of the last Take has its publisher, and has lost it. It may get another that comes by the same way. A
    // stream that was never `open`, which has shown no track, has nothing to be continued.
    void connected();
    void disconnected(bool open, TimePoint now);
    // That source gives nothing any more.
    void exhausted(bool open, TimePoint now);

    // Whether one that appears is taken.
    [[nodiscard]] bool awaits() const { return !ended_ && (source_ == Source::none || source_ == Source::away); }

    void tick(TimePoint now);
    [[nodiscard]] TimePoint deadline() const;

    [[nodiscard]] std::vector<Decision> take_decisions() { return std::exchange(decisions_, {}); }

  private:
    enum class Source { none, taking, live, away };

    void choose(TimePoint now);
    void drop();
    void await_return(bool open, TimePoint now);

    const Duration reconnect_timeout_;
    Source source_ = Source::none;
    TimePoint taken_by_ = kNever;    // while taking
    TimePoint give_up_at_ = kNever;  // while the stream is open and nobody publishes
    std::deque<Candidate> waiting_;  // longest first
    std::vector<Decision> decisions_;
    bool ended_ = false;
};

}  // namespace millrace::ingest
