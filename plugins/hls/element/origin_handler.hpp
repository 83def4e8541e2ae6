// SPDX-License-Identifier: LGPL-2.1-or-later
// Serves one presentation over HTTP: looks up the latest snapshot, and keeps the requests that wait for a later one.
// Decides nothing about HLS; hls::answer() does.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/thread.hpp"
#include "common/net/http.hpp"
#include "hls/core/origin.hpp"

namespace millrace::hls {

class WaitingRequests;

class OriginHandler : public net::HttpHandler, public std::enable_shared_from_this<OriginHandler> {
  public:
    // `path` is the stream's path, "live/cam1". `first` must not be null.
    OriginHandler(const std::string& path, std::shared_ptr<const Snapshot> first);
    ~OriginHandler() override;

    // Makes `snapshot` the one that requests see, and wakes those it satisfies, each worker's together. Any thread.
    void publish(std::shared_ptr<const Snapshot> snapshot);

    // Answers whatever waits; from then on nothing waits any more. Not from a worker. The workers must live: call it
    // before the server is let go.
    void close();

    void handle(net::HttpExchange exchange) override;

    // Whether `resource`, below the stream's path, is ours: the multivariant playlist, or something of a rendition.
    [[nodiscard]] bool owns(std::string_view resource) const;

    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const { return std::atomic_load(&snapshot_); }
    // A request for `resource`, below the stream's path, as it stands in `exchange`.
    [[nodiscard]] Request request_of(const net::HttpExchange& exchange) const;

  private:
    WaitingRequests* waiting_of(net::Worker& worker);  // nullptr when closed

    const std::string prefix_;                  // "/live/cam1/"
    std::shared_ptr<const Snapshot> snapshot_;  // read and replaced by atomic_load and atomic_store only

    Mutex mutex_;
    // One list a worker, made when its first request waits; what is in it is that worker's alone.
    std::map<net::Worker*, std::shared_ptr<WaitingRequests>> waiting_ GUARDED_BY(mutex_);
    bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::hls
