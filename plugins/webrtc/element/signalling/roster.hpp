// SPDX-License-Identifier: LGPL-2.1-or-later
// Sessions by their ids, from their admission to their end. Knows nothing of what they are about. Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "webrtc/core/sdp/ice_fragment.hpp"
#include "webrtc/element/transport/endpoint.hpp"

namespace millrace::webrtc {

class Roster {
  public:
    struct Entry {
        std::shared_ptr<SessionEvents> session;
        std::unique_ptr<Endpoint::Registration> registration;
        std::string etag;        // names the ICE session (RFC 9725 4.3.1)
        std::string peer_ufrag;  // as last heard: another one is a restart
        FragmentSection transport;
        bool connected = false;
    };

    // Sessions that nothing has followed yet: what a flood of offers can make us remember.
    static constexpr std::size_t kMostPending = 4'000;

    explicit Roster(std::size_t most) : most_(most) {}  // 0 = no limit

    [[nodiscard]] bool is_full() const;
    [[nodiscard]] std::size_t size() const;
    // refused when it is full.
    Result<> add(const std::string& id, Entry entry);
    // Its peer is there.
    void connected(std::string_view id);
    // The session ends; false when there is none.
    bool remove(std::string_view id);
    void remove_all();

    // Calls `use` with the entry, under the lock; false when there is none.
    bool with(std::string_view id, const std::function<void(Entry&)>& use);

  private:
    using Entries = std::map<std::string, Entry, std::less<>>;
    [[nodiscard]] bool full() const REQUIRES(mutex_) {
        return (most_ > 0 && entries_.size() >= most_) || pending_ >= kMostPending;
    }

    const std::size_t most_;
    mutable Mutex mutex_;
    Entries entries_ GUARDED_BY(mutex_);
    std::size_t pending_ GUARDED_BY(mutex_) = 0;
};

}  // namespace millrace::webrtc
