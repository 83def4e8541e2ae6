// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/listener.hpp"

#include <map>
#include <utility>

#include "common/base/thread.hpp"
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
            return std::make_unique<Publisher>(*directory_, std::move(connection));
        },
        {}, std::move(tls));
    if (!server) return tl::unexpected(std::move(server).error().while_("listening for RTMP publishers"));
    servers_.push_back(std::move(*server));
    return {};
}

std::uint16_t Listener::port() const {
    return servers_.front()->port();
}

}  // namespace millrace::rtmp
