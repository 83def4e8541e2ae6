// SPDX-License-Identifier: LGPL-2.1-or-later
// The process's HTTP servers: who shares which, where requests go, and when a server ends.
#include <map>
#include <utility>

#include "common/net/certificate.hpp"
#include "common/net/http_router.hpp"
#include "common/net/listener.hpp"
#include "common/net/soup_front.hpp"
#include "common/net/soup_serving.hpp"

namespace millrace::net {

namespace {

// The servers that live, by address. An entry whose server cannot be had is one that starts or ends: its port is taken,
// and the entry will change.
class Registry {
  public:
    static Registry& one() {
        static auto* registry = new Registry();  // never destroyed: servers may outlive static destructors
        return *registry;
    }

    // The living server at `key`; or none, and the key is the caller's, to fill or to release.
    std::shared_ptr<HttpServer> find_or_claim(const std::string& key) {
        Lock lock(mutex_);
        while (true) {
            auto [entry, claimed] = servers_.try_emplace(key);
            if (claimed) return nullptr;
            if (auto server = entry->second.lock()) return server;
            changed_.wait(mutex_);
        }
    }
    void fill(const std::string& key, const std::shared_ptr<HttpServer>& server) {
        Lock lock(mutex_);
        servers_[key] = server;
        changed_.notify_all();
    }
    void release(const std::string& key) {
        Lock lock(mutex_);
        servers_.erase(key);
        changed_.notify_all();
    }

  private:
    Mutex mutex_;
    Condition changed_;
    std::map<std::string, std::weak_ptr<HttpServer>> servers_ GUARDED_BY(mutex_);
};

// The registry's key, held as long as anything listens at it.
class Claim {
  public:
    explicit Claim(std::string key) : key_(std::move(key)) {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() { Registry::one().release(key_); }
    [[nodiscard]] const std::string& key() const { return key_; }

  private:
    const std::string key_;
};

// A front on each worker, all at one address.
class FrontRow {
  public:
    static Result<std::unique_ptr<FrontRow>> open(ListenAddress address, const std::optional<TlsFiles>& tls,
                                                  const std::vector<std::shared_ptr<Worker>>& workers,
                                                  const std::shared_ptr<HttpService>& service) {
        std::shared_ptr<Certificate> certificate;
        if (tls) {
            auto loaded = Certificate::load(*tls);
            if (!loaded) return tl::unexpected(loaded.error());
            certificate = *loaded;
        }
        // Sockets that share a port would share it with another process's as well: first see that it is free.
        {
            auto free = listen_at(address);
            if (!free) return tl::unexpected(free.error());
            address.port = free->port;
        }
        auto row = std::make_unique<FrontRow>(address.port);
        for (const auto& worker : workers)
            if (auto added = row->add(worker, service, certificate, address); !added)
                return tl::unexpected(added.error());
        return row;
    }

    explicit FrontRow(std::uint16_t port) : port_(port) {}
    FrontRow(const FrontRow&) = delete;
    FrontRow& operator=(const FrontRow&) = delete;

    // Returns when nothing listens any more. On a worker's thread, which must not wait for another, it returns at once.
    ~FrontRow() {
        for (auto& [worker, front] : fronts_) {
            auto close = [front = std::move(front), claim = claim_]() mutable { front.reset(); };
            on_a_worker() && !worker->is_current() ? worker->post(std::move(close)) : worker->run(std::move(close));
        }
    }

    void holds(std::shared_ptr<Claim> claim) { claim_ = std::move(claim); }
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    Result<> add(const std::shared_ptr<Worker>& worker, const std::shared_ptr<HttpService>& service,
                 const std::shared_ptr<Certificate>& certificate, const ListenAddress& address) {
        Result<> listening;
        worker->run([&] {
            auto front = std::make_shared<SoupFront>(worker, service, certificate);
            listening = front->listen(address);
            if (listening) fronts_.emplace_back(worker, std::move(front));
        });
        return listening;
    }

    const std::uint16_t port_;
    std::shared_ptr<Claim> claim_;
    std::vector<std::pair<std::shared_ptr<Worker>, std::shared_ptr<SoupFront>>> fronts_;
};

class Server : public HttpServer {
  public:
    static Result<std::shared_ptr<Server>> start(const ListenAddress& address, const std::optional<TlsFiles>& tls) {
        auto server = std::make_shared<Server>();
        auto row = FrontRow::open(address, tls, server->workers_, server->router_);
        if (!row) return tl::unexpected(row.error());
        server->address_ = {address.host, (*row)->port()};
        server->tls_ = tls;
        server->rows_.push_back(std::move(*row));
        return server;
    }

    Result<> also_at(const std::string& listen, const TlsFiles& tls) override {
        auto address = ListenAddress::parse(listen);
        if (!address) return tl::unexpected(address.error());
        auto row = FrontRow::open(*address, tls, workers_, router_);
        if (!row) return tl::unexpected(row.error());
        rows_.push_back(std::move(*row));
        return {};
    }

    Result<std::unique_ptr<Mount>> mount(const std::string& prefix, std::shared_ptr<HttpHandler> handler) override {
        return router_->mount(prefix, std::move(handler), shared_from_this());
    }

    [[nodiscard]] std::uint16_t port() const override { return address_.port; }
    [[nodiscard]] std::string url() const override {
        return (tls_ ? "https://" : "http://") + address_.url_host() + ":" + std::to_string(address_.port);
    }
    [[nodiscard]] const std::vector<std::shared_ptr<Worker>>& workers() const override { return workers_; }

    [[nodiscard]] const std::optional<TlsFiles>& tls() const { return tls_; }
    [[nodiscard]] std::string key() const { return address_.text(); }
    void holds(std::shared_ptr<Claim> claim) { rows_.front()->holds(std::move(claim)); }

  private:
    const std::shared_ptr<HttpRouter> router_ = std::make_shared<HttpRouter>();
    const std::vector<std::shared_ptr<Worker>> workers_ = io_workers();
    ListenAddress address_;
    std::optional<TlsFiles> tls_;
    std::vector<std::unique_ptr<FrontRow>> rows_;
};

// Through an application's SoupServer, on the application's thread.
class WrappedServer : public HttpServer {
  public:
    WrappedServer(SoupServer* soup, GMainContext* context)
        : soup_(shared(soup)), workers_{Worker::around(context)}, serving_(soup, workers_.front(), router_, {}) {}

    Result<> also_at(const std::string& listen, const TlsFiles&) override {
        return fail(Fault::refused, "cannot listen at " + listen + ": this server is the application's");
    }
    Result<std::unique_ptr<Mount>> mount(const std::string& prefix, std::shared_ptr<HttpHandler> handler) override {
        return router_->mount(prefix, std::move(handler), shared_from_this());
    }
    [[nodiscard]] std::uint16_t port() const override {
        GSList* uris = soup_server_get_uris(soup_.get());
        int port = uris ? g_uri_get_port(static_cast<GUri*>(uris->data)) : 0;
        g_slist_free_full(uris, reinterpret_cast<GDestroyNotify>(g_uri_unref));
        return static_cast<std::uint16_t>(std::max(port, 0));
    }
    [[nodiscard]] std::string url() const override {
        return (soup_server_is_https(soup_.get()) ? "https://localhost:" : "http://localhost:") +
               std::to_string(port());
    }
    [[nodiscard]] const std::vector<std::shared_ptr<Worker>>& workers() const override { return workers_; }

  private:
    const std::shared_ptr<HttpRouter> router_ = std::make_shared<HttpRouter>();
    const GObjectRef<SoupServer> soup_;
    const std::vector<std::shared_ptr<Worker>> workers_;
    SoupServing serving_;
};

}  // namespace

Result<std::shared_ptr<HttpServer>> HttpServer::at(const std::string& listen, std::optional<TlsFiles> tls) {
    auto address = ListenAddress::parse(listen);
    if (!address) return tl::unexpected(address.error());
    std::shared_ptr<Claim> claim;
    if (address->port != 0) {
        if (auto server = Registry::one().find_or_claim(address->text())) {
            if (static_cast<Server&>(*server).tls() == tls) return server;
            return fail(Fault::refused, address->text() + " is served already, " +
                                            (tls ? "without these TLS files" : "under TLS") +
                                            "; choose another with listen=…");
        }
        claim = std::make_shared<Claim>(address->text());
    }
    auto server = Server::start(*address, tls);
    if (!server) return tl::unexpected(server.error());
    if (!claim) {
        claim = std::make_shared<Claim>((*server)->key());
        Registry::one().find_or_claim(claim->key());
    }
    (*server)->holds(claim);
    Registry::one().fill(claim->key(), *server);
    return *server;
}

std::shared_ptr<HttpServer> HttpServer::wrap(SoupServer* soup, GMainContext* context) {
    return std::make_shared<WrappedServer>(soup, context);
}

}  // namespace millrace::net
