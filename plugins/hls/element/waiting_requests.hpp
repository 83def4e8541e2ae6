// SPDX-License-Identifier: LGPL-2.1-or-later
// The blocked requests of one presentation on one worker. All calls on that worker's thread, but for any().
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>

#include "common/net/http.hpp"
#include "hls/core/origin.hpp"

namespace millrace::hls {

class OriginHandler;

class WaitingRequests {
  public:
    // More than this many on one worker are answered 503 at once (DD-12).
    static constexpr std::size_t kMost = 20'000;

    WaitingRequests(const OriginHandler& origin, net::Worker& worker);

    void add(net::HttpExchange exchange, const Wait& wait);
    void wake(const Snapshot& snapshot);  // answers everything that `snapshot` satisfies
    void answer_all();                    // the presentation is being taken down

    // Whether a wake() could find somebody. Any thread; may say true for a list just emptied, never false for a full
    // one.
    [[nodiscard]] bool any() const { return count_.load() > 0; }

  private:
    struct Waiting {
        net::HttpExchange exchange;
        Wait wait;
        TimePoint deadline;
    };
    using List = std::map<std::uint64_t, Waiting>;  // by arrival

    List::iterator finish(List::iterator waiting, Reply reply);
    void expire();
    void rearm();

    const OriginHandler& origin_;
    net::Worker::Timer timer_;
    List list_;
    std::uint64_t next_id_ = 0;
    std::atomic<std::size_t> count_ = 0;
    // Whether the list still stands, for the callbacks of clients that go away later.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace millrace::hls
