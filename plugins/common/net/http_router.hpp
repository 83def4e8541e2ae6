// SPDX-License-Identifier: LGPL-2.1-or-later
// Takes each request to the handler mounted for its path, and answers those that no handler gets.
#pragma once

#include <memory>
#include <string>

#include "common/net/http_exchange.hpp"
#include "common/net/mount_table.hpp"

namespace millrace::net {

class HttpRouter : public HttpService, public std::enable_shared_from_this<HttpRouter> {
  public:
    void serve(HttpExchange exchange) override;

    // The mount keeps `server` alive.
    Result<std::unique_ptr<HttpServer::Mount>> mount(const std::string& prefix, std::shared_ptr<HttpHandler> handler,
                                                     std::shared_ptr<HttpServer> server);

  private:
    MountTable mounts_;
};

}  // namespace millrace::net
