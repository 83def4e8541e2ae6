// SPDX-License-Identifier: LGPL-2.1-or-later
// A SoupServer as an application owns one, at a port of its own. It accepts connections itself, because libsoup 3.2
// leaks what its own listener accepts (see common/net/soup_client.hpp).
#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

#include <cstdint>

#include "common/net/gobject.hpp"

namespace millrace::test {

class ApplicationServer {
  public:
    // Served where the thread's default main context is iterated.
    ApplicationServer() : port_(g_socket_listener_add_any_inet_port(listener(), nullptr, nullptr)) {
        g_signal_connect(service_.get(), "incoming", G_CALLBACK(on_incoming), soup_.get());
    }
    ~ApplicationServer() {
        g_socket_service_stop(service_.get());
        g_socket_listener_close(listener());
        soup_server_disconnect(soup_.get());
        while (g_main_context_iteration(g_main_context_get_thread_default(), FALSE)) continue;
    }
    ApplicationServer(const ApplicationServer&) = delete;
    ApplicationServer& operator=(const ApplicationServer&) = delete;

    [[nodiscard]] SoupServer* soup() const { return soup_.get(); }
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    [[nodiscard]] GSocketListener* listener() const { return G_SOCKET_LISTENER(service_.get()); }

    static gboolean on_incoming(GSocketService*, GSocketConnection* connection, GObject*, SoupServer* soup) {
        auto own = net::owned(g_socket_connection_get_local_address(connection, nullptr));
        auto peer = net::owned(g_socket_connection_get_remote_address(connection, nullptr));
        return soup_server_accept_iostream(soup, G_IO_STREAM(connection), own.get(), peer.get(), nullptr);
    }

    net::GObjectRef<SoupServer> soup_ = net::owned(soup_server_new(nullptr, nullptr));
    net::GObjectRef<GSocketService> service_ = net::owned(g_socket_service_new());
    std::uint16_t port_;
};

}  // namespace millrace::test
