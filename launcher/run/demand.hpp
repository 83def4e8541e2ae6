// SPDX-License-Identifier: LGPL-2.1-or-later
// Viewers who ask for a path that nobody serves yet, and when they last asked for one that is served: what
// run: on-demand starts and stops by.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/thread.hpp"
#include "common/web/site.hpp"
#include "launcher/config/path_pattern.hpp"
#include "launcher/run/control_loop.hpp"

namespace millrace::launcher {

class Demand {
  public:
    using Asked = std::function<void(const std::string& path)>;
    // `asked` is called on the loop.
    Demand(std::shared_ptr<ControlLoop> loop, std::vector<std::shared_ptr<web::Site>> sites, Asked asked);
    ~Demand();

    // Which paths may be asked for.
    void offer(std::vector<PathPattern> patterns);

    // From now on viewers of `path` are noticed.
    void watch(const std::string& path);
    void forget(const std::string& path) { watched_.erase(path); }
    // When somebody last asked for a watched path; kNever before anyone did.
    [[nodiscard]] TimePoint last_request(const std::string& path) const;

  private:
    std::shared_ptr<ControlLoop> loop_;
    std::vector<std::shared_ptr<web::Site>> sites_;
    std::shared_ptr<Guarded<std::vector<PathPattern>>> patterns_;
    std::map<std::string, std::vector<std::unique_ptr<web::Site::Announcement>>> watched_;
};

}  // namespace millrace::launcher
