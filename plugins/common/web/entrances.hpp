// SPDX-License-Identifier: LGPL-2.1-or-later
// Who takes what publishers send, whatever the path: one handler a resource. Knows no outputs; locks itself.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/net/gate.hpp"
#include "common/net/http.hpp"

namespace millrace::web {

// One open entrance.
struct Door {
    Door(std::string name, std::shared_ptr<net::HttpHandler> answers)
        : resource(std::move(name)), handler(std::move(answers)) {}

    const std::string resource;
    const std::shared_ptr<net::HttpHandler> handler;
    net::Gate gate;  // of calls to it
};

class Entrances {
  public:
    // Fails with refused when the resource has a handler, and with bad_input where it is not one segment of a URL.
    Result<std::shared_ptr<Door>> open(std::string resource, std::shared_ptr<net::HttpHandler> handler);
    // Returns when no call of the handler is running.
    void close(const std::shared_ptr<Door>& door);

    [[nodiscard]] bool any() const;
    // The one that a URL leads through; of several that it names, the last in it. nullptr for none.
    [[nodiscard]] std::shared_ptr<Door> find(std::string_view url_path) const;

  private:
    mutable Mutex mutex_;
    std::map<std::string, std::shared_ptr<Door>, std::less<>> doors_ GUARDED_BY(mutex_);
};

// The page beside the entrances, for whoever publishes from a browser: "/PATH/publish".
constexpr std::string_view kPublishPage = "publish";

}  // namespace millrace::web
