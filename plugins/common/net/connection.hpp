// SPDX-License-Identifier: LGPL-2.1-or-later
// The life of one accepted connection on its worker: reading, a gathered output queue, a close that lets the peer read
// the last words. Knows nothing of what is said; its Driver does.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/net/stream.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

// All of it on the worker's thread.
class Connection {
  public:
    class Driver {
      public:
        virtual ~Driver() = default;
        virtual void received(ByteView bytes) = 0;
        virtual void ended() = 0;  // the peer will send no more; it may still read
        // The socket is closed; the last call. May destroy the Connection.
        virtual void lost(const std::optional<Error>& why) = 0;
    };

    struct Limits {
        std::size_t read_at_once = 64 << 10;  // bytes a turn
        Duration write_stall = 30s;           // output that does not move for so long ends the connection
    };

    Connection(Worker& worker, std::unique_ptr<Stream> stream, Driver& driver, Limits limits);
    ~Connection();

    void send(Bytes bytes);
    void flush();                                                   // what was sent so far goes out
    [[nodiscard]] std::size_t pending() const { return pending_; }  // bytes queued

    void pause_reading();
    void resume_reading();

    // Sends what is queued, lets the peer read it, closes. Nothing more is received.
    void finish(std::optional<Error> why = {});
    // Closes now. lost() comes in a later turn.
    void abort(std::optional<Error> why = {});

  private:
    enum class Phase { open, finishing, lingering, over };

    void on_ready(Stream::Ready ready);
    void on_timer();
    void read_some();
    void write_some();
    void drop_written(std::size_t count);
    void linger();
    void settle();
    void update_interest();
    void update_timer();

    const std::unique_ptr<Stream> stream_;
    Driver& driver_;
    const Limits limits_;
    Phase phase_ = Phase::open;
    std::optional<Error> why_;

    std::deque<Bytes> output_;
    std::size_t front_written_ = 0;  // bytes of the first one
    std::size_t pending_ = 0;
    bool reading_paused_ = false;
    bool peer_ended_ = false;
    bool write_blocked_ = false;  // the socket is full
    std::size_t lingered_ = 0;    // bytes thrown away while lingering
    TimePoint write_moved_{};     // when output last moved
    TimePoint linger_until_{};

    const std::unique_ptr<Readiness> readiness_;
    Worker::Timer timer_;
};

}  // namespace millrace::net
