// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/http_router.hpp"

#include <utility>

#include "common/net/http_reply.hpp"

namespace millrace::net {

namespace {

class MountAt : public HttpServer::Mount {
  public:
    MountAt(MountTable& table, std::string prefix, std::shared_ptr<Mounted> mounted, std::shared_ptr<HttpServer> server)
        : server_(std::move(server)), table_(table), prefix_(std::move(prefix)), mounted_(std::move(mounted)) {}

    ~MountAt() override {
        table_.remove(prefix_);
        mounted_->gate.close();
    }

    [[nodiscard]] TimePoint last_request() const override {
        return TimePoint(Duration(mounted_->last_request.load(std::memory_order_relaxed)));
    }

  private:
    const std::shared_ptr<HttpServer> server_;  // and with it the table
    MountTable& table_;
    const std::string prefix_;
    const std::shared_ptr<Mounted> mounted_;
};

}  // namespace

void HttpRouter::serve(HttpExchange exchange) {
    auto mounted = mounts_.find(exchange.path());
    bool options = exchange.method() == "OPTIONS";
    if (options && !(mounted && mounted->handler->wants_options())) return std::move(exchange).reply(preflight_reply());
    auto pass = mounted ? mounted->gate.enter() : Gate::Pass();
    if (!pass) {
        std::string text = "nothing is served at " + std::string(exchange.path());
        return std::move(exchange).reply(text_reply(404, text));
    }
    mounted->last_request.store(now().time_since_epoch().count(), std::memory_order_relaxed);
    mounted->handler->handle(std::move(exchange));
}

Result<std::unique_ptr<HttpServer::Mount>> HttpRouter::mount(const std::string& prefix,
                                                             std::shared_ptr<HttpHandler> handler,
                                                             std::shared_ptr<HttpServer> server) {
    auto normal = MountTable::normal_prefix(prefix);
    auto mounted = std::make_shared<Mounted>(std::move(handler));
    if (!mounts_.add(normal, mounted))
        return fail(Fault::refused, "the path '" + (normal.empty() ? "/" : normal) + "' is taken by another output");
    return std::make_unique<MountAt>(mounts_, std::move(normal), std::move(mounted), std::move(server));
}

}  // namespace millrace::net
