// SPDX-License-Identifier: LGPL-2.1-or-later
// HTTP servers shared by everyone in the process who names the same address: HTTP/1.1, and HTTP/2 under TLS.
//
// A server's connections are spread over the process's I/O workers. A request belongs to the worker it arrived on: its
// handler runs there and its reply is given there, now or later (Worker::post reaches it).
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
#include "common/net/tls_files.hpp"
#include "common/net/worker.hpp"

typedef struct _SoupServer SoupServer;

namespace millrace::net {

struct HttpReply {
    unsigned status = 200;
    // Content-Length, Date, Server and the CORS headers are added by the server. A Content-Length given here stands for
    // the one of a HEAD whose body was not made.
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<Blob> body;  // sent one after the other, shared and never copied; not sent for HEAD, 204 and 304
};

// A short plain-text reply, such as an error's.
HttpReply text_reply(unsigned status, std::string_view text);

// The answer to OPTIONS where no handler gives one: any page may ask for anything. Handlers that do may add to it.
HttpReply preflight_reply();

// One request being answered. Movable; dropped unanswered it becomes a 500. Worker thread only, but it may be dropped
// or answered from any thread: that is carried to the worker.
class HttpExchange {
  public:
    HttpExchange(HttpExchange&&) noexcept;
    HttpExchange& operator=(HttpExchange&&) noexcept;
    ~HttpExchange();

    [[nodiscard]] std::string_view method() const;
    [[nodiscard]] std::string_view path() const;   // percent-decoded, starts with '/', no "..", no "//"
    [[nodiscard]] std::string_view query() const;  // still percent-encoded
    [[nodiscard]] std::string_view header(const char* name) const;  // "" when absent; several are joined by ", "
    [[nodiscard]] ByteView body() const;                            // bounded to 1 MiB; larger ones got 413 already
    [[nodiscard]] const std::string& peer() const;                  // "127.0.0.1:52114"
    [[nodiscard]] Worker& worker() const;

    // Calls `gone` if the client disconnects before reply(). At most one callback, never after reply().
    void on_disconnect(std::function<void()> gone);

    // Harmless when the client has gone.
    void reply(HttpReply reply) &&;

    struct Impl;  // of the server
    explicit HttpExchange(std::unique_ptr<Impl> impl);

  private:
    std::unique_ptr<Impl> impl_;
};

// Gets every request below its mount. Called on any worker, concurrently.
class HttpHandler {
  public:
    virtual ~HttpHandler() = default;
    virtual void handle(HttpExchange exchange) = 0;
    // True to get OPTIONS requests too; otherwise the server answers them as CORS preflights.
    [[nodiscard]] virtual bool wants_options() const { return false; }
};

class HttpServer : public std::enable_shared_from_this<HttpServer> {
  public:
    // The process's server at `listen` ("[ADDRESS]:PORT", port 0 = a free one each time it is asked for), started when
    // its first user asks and stopped when its last user lets go. Fails with no_resource when the port is taken, naming
    // it, and with refused when the address is served already with other TLS files.
    static Result<std::shared_ptr<HttpServer>> at(const std::string& listen, std::optional<TlsFiles> tls = {});

    // Serves through a server the application owns and runs. Use it on the thread that iterates `context`, the one
    // `soup` was made in; its handler for "/" is ours until the last user lets go.
    static std::shared_ptr<HttpServer> wrap(SoupServer* soup, GMainContext* context);

    virtual ~HttpServer() = default;

    // Serves the same mounts under TLS at a second address too.
    virtual Result<> also_at(const std::string& listen, const TlsFiles& tls) = 0;

    // Requests whose path is `prefix` or below it go to `handler` until the Mount is gone; the longest prefix wins.
    // Fails with refused when the prefix is taken. Losing the Mount returns only when no call of handle() is running,
    // so do not lose it inside one.
    class Mount {
      public:
        virtual ~Mount() = default;
        // When the last request below it came, TimePoint() when none did: for run: on-demand.
        [[nodiscard]] virtual TimePoint last_request() const = 0;
    };
    virtual Result<std::unique_ptr<Mount>> mount(const std::string& prefix, std::shared_ptr<HttpHandler> handler) = 0;

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual std::string url() const = 0;  // "http://localhost:8080", without a final slash
    [[nodiscard]] virtual const std::vector<std::shared_ptr<Worker>>& workers() const = 0;
};

}  // namespace millrace::net
