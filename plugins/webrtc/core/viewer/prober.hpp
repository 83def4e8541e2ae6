// SPDX-License-Identifier: LGPL-2.1-or-later
// Tries whether there is room for more: nothing else tells of what is not used. What is sent beyond the stream grows
// little by little up to what the next rung would need, so that a way that has no room shows it before anybody sees it.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.hpp"

namespace millrace::webrtc {

class Prober {
  public:
    enum class State { idle, sending, listening, room, no_room };

    // From `rate` bit/s, which is sent anyway, to `target`. `answer` is how long feedback may take.
    void begin(std::uint64_t rate, std::uint64_t target, Duration queued, Duration answer, TimePoint now);
    void stop() { state_ = State::idle; }

    // What feedback says. Where there is more to send, it comes from due().
    void listen(Duration queued, double loss, TimePoint now);
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool runs() const { return state_ == State::sending || state_ == State::listening; }

    // Bytes that are due now, beyond the stream.
    [[nodiscard]] std::size_t due(TimePoint now) const;
    void on_sent(std::size_t bytes) { sent_ += bytes; }
    // When some are due again.
    [[nodiscard]] TimePoint ready_at() const { return state_ == State::sending ? ready_at_ : kNever; }
    void wait(TimePoint now);

  private:
    [[nodiscard]] std::uint64_t bytes_until(Duration elapsed) const;

    State state_ = State::idle;
    std::uint64_t extra_ = 0;  // bit/s beyond the stream, at the end
    Duration queued_{};        // before it began
    Duration answer_{};
    TimePoint began_;
    TimePoint ready_at_;
    std::uint64_t sent_ = 0;
};

}  // namespace millrace::webrtc
