// SPDX-License-Identifier: LGPL-2.1-or-later
// HTTP servers shared by everyone in the process who names the same address. libsoup does HTTP; this file hides it.
//
// A server runs a few workers, one event loop and one SO_REUSEPORT socket each. A request belongs to the worker it
// arrived on: its handler runs there and its reply must be given there, now or later (Worker::post reaches it).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

struct HttpReply {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<Blob> body;
};

// One request being answered. Movable; dropped unanswered it becomes a 500. Worker thread only.
class HttpExchange {
  public:
    HttpExchange(HttpExchange&&) noexcept;
    HttpExchange& operator=(HttpExchange&&) noexcept;
    ~HttpExchange();

    [[nodiscard]] std::string_view method() const;
    [[nodiscard]] std::string_view path() const;   // percent-decoded, starts with '/', no "..", no "//"
    [[nodiscard]] std::string_view query() const;  // still percent-encoded
    [[nodiscard]] std::string_view header(const char* name) const;  // "" when absent
    [[nodiscard]] ByteView body() const;                            // bounded to 1 MiB; larger ones got 413 already
    [[nodiscard]] std::string peer() const;                         // "127.0.0.1:52114"
    [[nodiscard]] Worker& worker() const;

    // Calls `gone` if the client disconnects before reply(). At most one callback, never after reply().
    void on_disconnect(std::function<void()> gone);

    void reply(HttpReply reply) &&;

  private:
    friend class HttpServer;
    struct Impl;
    explicit HttpExchange(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Gets every request below its mount. Called on any worker, concurrently.
class HttpHandler {
  public:
    virtual ~HttpHandler() = default;
    virtual void handle(HttpExchange exchange) = 0;
};

struct TlsFiles {
    std::string certificate;  // PEM file; reloaded when it changes
    std::string key;          // PEM file
};

class HttpServer : public std::enable_shared_from_this<HttpServer> {
  public:
    // The process's server at `listen` ("[ADDRESS]:PORT", port 0 = a free one each time it is asked for), started when
    // its first user asks and stopped when its last user lets go. Fails with no_resource when the port is taken, naming
    // it.
    static Result<std::shared_ptr<HttpServer>> at(const std::string& listen, std::optional<TlsFiles> tls = {});

    virtual ~HttpServer() = default;

    // Requests whose path is `prefix` or below it go to `handler` until the Mount is gone; the longest prefix wins.
    // Fails with refused when the prefix is taken. Losing the Mount returns only when no call of handle() is running.
    class Mount {
      public:
        virtual ~Mount() = default;
        // When the last request below it came: for run: on-demand.
        [[nodiscard]] virtual TimePoint last_request() const = 0;
    };
    virtual Result<std::unique_ptr<Mount>> mount(const std::string& prefix, std::shared_ptr<HttpHandler> handler) = 0;

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual std::string url() const = 0;  // "http://localhost:8080", without a final slash
    [[nodiscard]] virtual const std::vector<std::shared_ptr<Worker>>& workers() const = 0;
};

}  // namespace millrace::net
