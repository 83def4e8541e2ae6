// SPDX-License-Identifier: LGPL-2.1-or-later
// What a process says of itself over HTTP: /healthz, /readyz and /api/v1/streams. Shows a snapshot; decides nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/thread.hpp"
#include "common/net/http.hpp"

namespace millrace::launcher {

struct StreamStatus {
    std::string path;
    std::string state;
    std::string run;
    bool required = false;  // run: always
    bool live = false;
    std::uint64_t dropped = 0;
};
using StreamStatuses = std::vector<StreamStatus>;

class StatusPages {
  public:
    // Serves them at `server` until destroyed.
    static Result<std::unique_ptr<StatusPages>> serve(const std::shared_ptr<net::HttpServer>& server,
                                                      std::shared_ptr<Guarded<StreamStatuses>> statuses);

  private:
    std::vector<std::unique_ptr<net::HttpServer::Mount>> mounts_;
};

}  // namespace millrace::launcher
