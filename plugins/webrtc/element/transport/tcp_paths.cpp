// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/transport/tcp_paths.hpp"

#include <algorithm>
#include <utility>

#include "webrtc/core/ice/tcp_framing.hpp"

namespace millrace::webrtc {

namespace {
constexpr std::size_t kMostWaiting = 256 << 10;  // bytes; the connection has as much and more of its own
}

void TcpPath::send(ByteView datagrams, std::size_t segment) {
    const bool was_empty = output_.with([&](Bytes& output) {
        const bool empty = output.empty();
        if (output.size() + datagrams.size() > kMostWaiting) return false;
        while (!datagrams.empty()) {
            const std::size_t size = std::min(segment, datagrams.size());
            put_framed(output, datagrams.first(size));
            datagrams = datagrams.subspan(size);
        }
        return empty;
    });
    // The connection asks its session for output after each task.
    if (was_empty) connection_->post([] {});
}

Bytes TcpPath::take_output() {
    return output_.with([](Bytes& output) { return std::exchange(output, {}); });
}

void TcpPaths::add(const TransportAddress& peer, std::shared_ptr<TcpPath> path) {
    Lock lock(mutex_);
    paths_[peer] = std::move(path);
}

void TcpPaths::remove(const TransportAddress& peer) {
    Lock lock(mutex_);
    paths_.erase(peer);
}

void TcpPaths::send(const TransportAddress& to, ByteView datagrams, std::size_t segment) {
    std::shared_ptr<TcpPath> path;
    {
        Lock lock(mutex_);
        auto found = paths_.find(to);
        if (found != paths_.end()) path = found->second;
    }
    if (path) path->send(datagrams, segment);
}

}  // namespace millrace::webrtc
