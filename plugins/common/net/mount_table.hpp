// SPDX-License-Identifier: LGPL-2.1-or-later
// Which handler gets which path: the longest mounted prefix, in whole segments. Knows paths; not requests' contents.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/net/gate.hpp"
#include "common/net/http.hpp"

namespace millrace::net {

struct Mounted {
    explicit Mounted(std::shared_ptr<HttpHandler> to) : handler(std::move(to)) {}

    const std::shared_ptr<HttpHandler> handler;
    Gate gate;  // every call of the handler is inside
    std::atomic<TimePoint::rep> last_request{0};
};

// Any thread. Readers take the table as it is; a change makes a new one.
class MountTable {
  public:
    // "live/cam1", "/live/cam1" and "/live/cam1/" are one prefix; "" and "/" are the root.
    static std::string normal_prefix(std::string_view prefix);

    // False when the prefix is taken.
    bool add(const std::string& normal_prefix, const std::shared_ptr<Mounted>& mounted);
    void remove(const std::string& normal_prefix);
    [[nodiscard]] std::shared_ptr<Mounted> find(std::string_view path) const;

  private:
    using Table = std::map<std::string, std::shared_ptr<Mounted>, std::less<>>;
    [[nodiscard]] std::shared_ptr<const Table> current() const;

    mutable Mutex mutex_;
    std::shared_ptr<const Table> table_ GUARDED_BY(mutex_) = std::make_shared<Table>();
};

}  // namespace millrace::net
