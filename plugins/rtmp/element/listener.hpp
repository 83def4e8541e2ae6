// SPDX-License-Identifier: LGPL-2.1-or-later
// Brings publishers and sources together by path. One listener an address in the process, whoever asks first starts it.
//
// A publisher goes to the source that has claimed its path; else, while somebody watches (a device provider), it waits
// a little for one to appear; else it is refused in the protocol's words.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/net/tcp.hpp"
#include "rtmp/core/session.hpp"
#include "rtmp/element/media_queue.hpp"

namespace millrace::rtmp {

class Publisher;

// A source that waits for publishers of one path. Called on workers.
class Taker {
  public:
    virtual ~Taker() = default;
    virtual bool authorize(const PublisherInfo& publisher) = 0;
    virtual std::shared_ptr<MediaQueue> queue() = 0;
};

// Somebody who looks for publishers that nobody takes yet. Called on any thread, never under our lock.
class Watcher {
  public:
    virtual ~Watcher() = default;
    virtual void waiting(const PublisherInfo& publisher) = 0;
    virtual void gone(const PublisherInfo& publisher) = 0;
};

class Listener : public std::enable_shared_from_this<Listener> {
  public:
    // How long a publisher waits for a source that is being started.
    static constexpr Duration kPatience = 10s;

    // The listener at `listen`; "" = the process's default addresses for rtmp (:1935 unless set) and rtmps (if set),
    // which share their paths.
    static Result<std::shared_ptr<Listener>> at(const std::string& listen);
    ~Listener();

    // Takes the publishers of `path` until the Claim is gone, which ends the one that is live. Fails with refused when
    // another source has claimed it.
    class Claim {
      public:
        Claim(std::shared_ptr<Listener> listener, std::string path);
        ~Claim();
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;

      private:
        const std::shared_ptr<Listener> listener_;
        const std::string path_;
    };
    Result<std::unique_ptr<Claim>> claim(const std::string& path, std::shared_ptr<Taker> taker);

    // Tells `watcher` of waiting publishers, those that wait already included, until it is unwatched.
    void watch(std::shared_ptr<Watcher> watcher);
    void unwatch(const std::shared_ptr<Watcher>& watcher);
    // Refuses the publisher that waits for `path`.
    void refuse(const std::string& path, const std::string& reason);

    [[nodiscard]] std::uint16_t port() const;

    // ---- for Publisher, on its worker
    void offer(Publisher& publisher);
    void withdraw(Publisher& publisher);

  private:
    Listener() = default;
    Result<> open_defaults();
    Result<> open(const std::string& listen, std::optional<net::TlsFiles> tls);
    void release(const std::string& path);
    void tell(void (Watcher::*what)(const PublisherInfo&), const PublisherInfo& publisher);

    struct Present {
        Publisher* publisher =
            nullptr;  // touched on its worker only; alive as long as the connection runs posted tasks
        std::shared_ptr<net::TcpConnection> connection;
        PublisherInfo info;
        bool taken = false;
    };

    Mutex mutex_;
    std::map<std::string, std::shared_ptr<Taker>> takers_ GUARDED_BY(mutex_);  // by path
    std::map<std::string, Present> present_ GUARDED_BY(mutex_);                // by path: one publisher each
    std::vector<std::shared_ptr<Watcher>> watchers_ GUARDED_BY(mutex_);

    // Last: closing them ends every publisher, and those still talk to us.
    std::vector<std::unique_ptr<net::TcpServer>> servers_;
};

}  // namespace millrace::rtmp
