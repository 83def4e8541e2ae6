// SPDX-License-Identifier: LGPL-2.1-or-later
// DTLS handshakes, on a thread of their own: each takes half a millisecond of arithmetic, and the workers have frames
// to send. What comes out is posted to the peer's worker.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/net/worker.hpp"
#include "webrtc/core/secure/dtls_context.hpp"
#include "webrtc/core/secure/fingerprint.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc {

// Where a handshake's results go. The functions are called on the worker, even after stop(): they know whether their
// peer is still there. They must not keep a HandshakeThread alive.
struct HandshakeSink {
    std::shared_ptr<net::Worker> worker;
    std::function<void(const std::vector<Bytes>&)> output;  // datagrams, to be sent in order
    std::function<void(const Result<SrtpKeys>&)> done;      // once
    std::function<void()> closed;                           // the peer said goodbye after that
};

class HandshakeThread {
  public:
    struct Limits {
        // Of datagrams that wait; what is more is dropped, and the peers repeat it. 2,000 first flights.
        std::size_t queued = 4 << 20;  // bytes
        // How long an OpenSSL object, 50 kB, outlives its handshake, to repeat a last flight that was lost.
        Duration linger = 30s;
    };

    // The process's, started with its first user and ended with its last.
    static std::shared_ptr<HandshakeThread> shared();

    HandshakeThread();
    explicit HandshakeThread(const Limits& limits);
    // Ends all handshakes without a word and joins.
    ~HandshakeThread();
    HandshakeThread(const HandshakeThread&) = delete;
    HandshakeThread& operator=(const HandshakeThread&) = delete;

    // Any thread, none waits. Another start() of an id is ignored; the context may go before the handshake.
    std::uint64_t next_id() { return next_id_++; }
    void start(std::uint64_t id, const DtlsContext& context, const Fingerprint& peer, HandshakeSink sink);
    bool receive(std::uint64_t id, ByteView datagram);  // false when the queue is full
    void stop(std::uint64_t id);

    // How many have an OpenSSL object. Waits for the thread: for tests.
    std::size_t held();

  private:
    struct State;

    const Limits limits_;
    std::atomic<std::uint64_t> next_id_{1};
    const std::shared_ptr<State> state_;  // what is in it: the thread's
    std::unique_ptr<net::Worker> thread_;
};

}  // namespace millrace::webrtc
