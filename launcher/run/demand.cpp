// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/demand.hpp"

#include <algorithm>

namespace millrace::launcher {

Demand::Demand(std::shared_ptr<ControlLoop> loop, std::vector<std::shared_ptr<web::Site>> sites, Asked asked)
    : loop_(std::move(loop)),
      sites_(std::move(sites)),
      patterns_(std::make_shared<Guarded<std::vector<PathPattern>>>()) {
    // On a worker: only the patterns are looked at there, and they have their lock.
    auto on_worker = [loop = loop_, patterns = patterns_, asked = std::move(asked)](const std::string& path) {
        bool offered = patterns->with([&](const std::vector<PathPattern>& all) {
            return std::any_of(all.begin(), all.end(), [&](const PathPattern& each) { return each.matches(path); });
        });
        if (offered) loop->post([asked, path] { asked(path); });
        return offered;
    };
    for (const auto& site : sites_) site->set_demand(on_worker);
}

Demand::~Demand() {
    for (const auto& site : sites_) site->set_demand(nullptr);
}

void Demand::offer(std::vector<PathPattern> patterns) {
    patterns_->with([&](std::vector<PathPattern>& all) { all = std::move(patterns); });
}

// An output that is served elsewhere, so that the site counts the requests of its path for us.
void Demand::watch(const std::string& path) {
    if (watched_.count(path)) return;
    auto& announcements = watched_[path];
    for (const auto& site : sites_) {
        auto announced = site->announce({path, "on-demand", ""}, nullptr, nullptr);
        if (announced) announcements.push_back(std::move(*announced));
    }
}

TimePoint Demand::last_request(const std::string& path) const {
    auto found = watched_.find(path);
    TimePoint last = kNever;
    if (found == watched_.end()) return last;
    for (const auto& announcement : found->second) {
        TimePoint one = announcement->last_request();
        if (one != kNever && (last == kNever || one > last)) last = one;
    }
    return last;
}

}  // namespace millrace::launcher
