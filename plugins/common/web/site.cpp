// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/web/site.hpp"

#include <map>
#include <utility>

#include "common/base/thread.hpp"
#include "common/web/pages.hpp"

namespace millrace::web {
namespace {

// The sites of the process. A site is in here until its mount is gone, so that its successor can have it.
class Register {
  public:
    Result<std::shared_ptr<Site>> find_or_make(const std::shared_ptr<net::HttpServer>& server);
    void forget(net::HttpServer* server) {
        Lock lock(mutex_);
        sites_.erase(server);
        changed_.notify_all();
    }

  private:
    Mutex mutex_;
    Condition changed_;
    std::map<net::HttpServer*, std::weak_ptr<Site>> sites_ GUARDED_BY(mutex_);
};

Register& sites() {
    static Register all;
    return all;
}

class HttpSite final : public Site, public std::enable_shared_from_this<HttpSite> {
  public:
    HttpSite(std::shared_ptr<net::HttpServer> server, std::shared_ptr<Pages> pages,
             std::unique_ptr<net::HttpServer::Mount> mount)
        : server_(std::move(server)), pages_(std::move(pages)), mount_(std::move(mount)) {}

    ~HttpSite() override {
        pages_->set_demand(nullptr);
        mount_.reset();
        pages_->refuse_held();
        sites().forget(server_.get());
    }

    Result<std::unique_ptr<Announcement>> announce(Output output, std::shared_ptr<net::HttpHandler> handler,
                                                   Owns owns) override {
        auto entry = pages_->add(std::move(output), std::move(handler), std::move(owns));
        if (!entry) return tl::unexpected<Error>(std::move(entry.error()));
        return std::make_unique<Announced>(shared_from_this(), std::move(*entry));
    }

    Result<std::unique_ptr<Entrance>> open_entrance(std::string resource,
                                                    std::shared_ptr<net::HttpHandler> handler) override {
        auto door = pages_->entrances.open(std::move(resource), std::move(handler));
        if (!door) return tl::unexpected<Error>(std::move(door.error()));
        return std::make_unique<Opened>(shared_from_this(), std::move(*door));
    }

    std::vector<Output> outputs() const override { return pages_->outputs(); }
    void set_demand(Demand demand) override { pages_->set_demand(std::move(demand)); }

  private:
    class Announced final : public Announcement {
      public:
        Announced(std::shared_ptr<HttpSite> site, std::shared_ptr<Entry> entry)
            : site_(std::move(site)), entry_(std::move(entry)) {}
        ~Announced() override { site_->pages_->remove(entry_); }
        TimePoint last_request() const override { return entry_->last_request; }
        void in_use() override { site_->pages_->in_use(entry_->output.path); }

      private:
        std::shared_ptr<HttpSite> site_;
        std::shared_ptr<Entry> entry_;
    };

    class Opened final : public Entrance {
      public:
        Opened(std::shared_ptr<HttpSite> site, std::shared_ptr<Door> door)
            : site_(std::move(site)), door_(std::move(door)) {}
        ~Opened() override { site_->pages_->entrances.close(door_); }

      private:
        std::shared_ptr<HttpSite> site_;
        std::shared_ptr<Door> door_;
    };

    std::shared_ptr<net::HttpServer> server_;
    std::shared_ptr<Pages> pages_;
    std::unique_ptr<net::HttpServer::Mount> mount_;
};

Result<std::shared_ptr<Site>> Register::find_or_make(const std::shared_ptr<net::HttpServer>& server) {
    Lock lock(mutex_);
    for (auto found = sites_.find(server.get()); found != sites_.end(); found = sites_.find(server.get())) {
        if (auto site = found->second.lock()) return site;
        changed_.wait(mutex_);  // it is on its way out
    }
    auto pages = std::make_shared<Pages>();
    auto mount = server->mount("/", pages);
    if (!mount) return tl::unexpected<Error>(std::move(mount.error()).while_("serving the pages"));
    auto site = std::make_shared<HttpSite>(server, std::move(pages), std::move(*mount));
    sites_[server.get()] = site;
    return site;
}

}  // namespace

Result<std::shared_ptr<Site>> Site::on(const std::shared_ptr<net::HttpServer>& server) {
    return sites().find_or_make(server);
}

}  // namespace millrace::web
