// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/listener.hpp"

#include <algorithm>
#include <utility>

#include "common/net/process_defaults.hpp"
#include "rtmp/element/publisher.hpp"

namespace millrace::rtmp {

namespace {

struct Registry {
    Mutex mutex;
    std::map<std::string, std::weak_ptr<Listener>> listeners GUARDED_BY(mutex);  // by address as it was asked for
};

Registry& registry() {
    static Registry instance;
    return instance;
}

}  // namespace

Result<std::shared_ptr<Listener>> Listener::at(const std::string& listen) {
    Registry& known = registry();
    Lock lock(known.mutex);
    if (auto existing = known.listeners[listen].lock()) return existing;
    std::shared_ptr<Listener> listener(new Listener);
    auto opened = listen.empty() ? listener->open_defaults() : listener->open(listen, {});
    if (!opened) return tl::unexpected(std::move(opened).error());
    known.listeners[listen] = listener;
    return listener;
}

Listener::~Listener() {
    servers_.clear();
}

Result<> Listener::open_defaults() {
    if (auto opened = open(net::default_listen("rtmp", ":1935"), {}); !opened) return opened;
    const std::string secure = net::default_listen("rtmps", "");
    return secure.empty() ? Result<>() : open(secure, net::default_tls());
}

Result<> Listener::open(const std::string& listen, std::optional<net::TlsFiles> tls) {
    auto server = net::TcpServer::listen(
        listen,
        [this](std::shared_ptr<net::TcpConnection> connection) -> std::unique_ptr<net::TcpSession> {
            return std::make_unique<Publisher>(*this, std::move(connection));
        },
        {}, std::move(tls));
    if (!server) return tl::unexpected(std::move(server).error().while_("listening for RTMP publishers"));
    servers_.push_back(std::move(*server));
    return {};
}

std::uint16_t Listener::port() const {
    return servers_.front()->port();
}

// ---- sources --------------------------------------------------------------------------------------------------------

Listener::Claim::Claim(std::shared_ptr<Listener> listener, std::string path)
    : listener_(std::move(listener)), path_(std::move(path)) {}

Listener::Claim::~Claim() {
    listener_->release(path_);
}

Result<std::unique_ptr<Listener::Claim>> Listener::claim(const std::string& path, std::shared_ptr<Taker> taker) {
    std::optional<PublisherInfo> taken;
    {
        Lock lock(mutex_);
        if (!takers_.emplace(path, taker).second) {
            return fail(Fault::refused, "another source of this process already waits for publishers of " + path);
        }
        auto present = present_.find(path);
        if (present != present_.end() && !present->second.taken) {
            // It waited for us. Offer it again, on its worker, where it may also have left by then.
            taken = present->second.info;
            auto connection = present->second.connection;
            connection->post([this, publisher = present->second.publisher] { offer(*publisher); });
            present_.erase(present);
        }
    }
    if (taken) tell(&Watcher::gone, *taken);
    return std::make_unique<Claim>(shared_from_this(), path);
}

void Listener::release(const std::string& path) {
    Lock lock(mutex_);
    takers_.erase(path);
    auto present = present_.find(path);
    if (present == present_.end() || !present->second.taken) return;
    present->second.connection->post([publisher = present->second.publisher] { publisher->dismiss(); });
    present_.erase(present);
}

// ---- publishers -----------------------------------------------------------------------------------------------------

void Listener::offer(Publisher& publisher) {
    const PublisherInfo info = publisher.info();
    const std::string& path = info.request.path;
    std::shared_ptr<Taker> taker;
    bool watched = false;
    {
        Lock lock(mutex_);
        if (present_.contains(path)) {
            return publisher.refuse(Refusal::busy, "the stream " + path + " already has a publisher");
        }
        if (auto found = takers_.find(path); found != takers_.end()) taker = found->second;
        watched = !watchers_.empty();
        if (!taker && !watched) return publisher.refuse(Refusal::unknown, "nothing takes the stream " + path);
        // From here on the path is ours: others are refused while we ask.
        present_[path] = {&publisher, publisher.connection(), info, taker != nullptr};
    }
    if (!taker) {
        publisher.wait_for_source(net::now() + kPatience);
        return tell(&Watcher::waiting, info);
    }
    if (!taker->authorize(info)) {
        withdraw(publisher);
        return publisher.refuse(Refusal::unauthorized, "not allowed to publish " + path);
    }
    publisher.attach(taker->queue());
}

void Listener::withdraw(Publisher& publisher) {
    bool waited = false;
    {
        Lock lock(mutex_);
        auto present = present_.find(publisher.info().request.path);
        if (present == present_.end() || present->second.publisher != &publisher) return;
        waited = !present->second.taken;
        present_.erase(present);
    }
    if (waited) tell(&Watcher::gone, publisher.info());
}

// ---- watchers -------------------------------------------------------------------------------------------------------

void Listener::watch(std::shared_ptr<Watcher> watcher) {
    std::vector<PublisherInfo> already;
    {
        Lock lock(mutex_);
        watchers_.push_back(watcher);
        for (const auto& [path, present] : present_) {
            if (!present.taken) already.push_back(present.info);
        }
    }
    for (const PublisherInfo& info : already) watcher->waiting(info);
}

void Listener::unwatch(const std::shared_ptr<Watcher>& watcher) {
    Lock lock(mutex_);
    std::erase(watchers_, watcher);
}

void Listener::refuse(const std::string& path, const std::string& reason) {
    std::optional<PublisherInfo> refused;
    {
        Lock lock(mutex_);
        auto present = present_.find(path);
        if (present == present_.end() || present->second.taken) return;
        refused = present->second.info;
        present->second.connection->post(
            [publisher = present->second.publisher, reason] { publisher->refuse(Refusal::unknown, reason); });
        present_.erase(present);
    }
    tell(&Watcher::gone, *refused);
}

void Listener::tell(void (Watcher::*what)(const PublisherInfo&), const PublisherInfo& publisher) {
    std::vector<std::shared_ptr<Watcher>> watchers;
    {
        Lock lock(mutex_);
        watchers = watchers_;
    }
    for (const auto& watcher : watchers) ((*watcher).*what)(publisher);
}

}  // namespace millrace::rtmp
