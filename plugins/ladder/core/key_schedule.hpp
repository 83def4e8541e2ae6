// SPDX-License-Identifier: LGPL-2.1-or-later
// Which pictures become key frames: the same ones on every rung, decided once, before the rungs part.
#pragma once

#include <deque>
#include <optional>

#include "common/base/time.hpp"

namespace millrace::ladder {

class KeySchedule {
  public:
    // With the input's own key frames, which a copy of it has too; or every `interval`.
    static KeySchedule following() { return KeySchedule(std::nullopt); }
    static KeySchedule every(Duration interval) { return KeySchedule(interval); }

    // A key frame of the input, told before its picture is asked about; where the schedule does not follow, no matter.
    void input_key(Duration pts);

    // Somebody cannot go on without one. Where the input's encoder was asked too (`input_may`), its key frame is waited
    // for a moment, so that a copy has it as well.
    void request(bool input_may);

    // Of each picture once, in the order in which they are shown.
    bool is_key(Duration pts);

  private:
    explicit KeySchedule(std::optional<Duration> interval) : interval_(interval) {}
    bool is_due(Duration pts);
    bool grants_request(Duration pts);

    std::optional<Duration> interval_;
    std::deque<Duration> input_keys_;  // not shown yet
    std::optional<Duration> last_;     // key frame
    std::optional<Duration> next_;     // on the grid of the interval
    Duration newest_{};
    bool requested_ = false;
    bool input_may_ = false;
    std::optional<Duration> waits_since_;  // for the input's
};

}  // namespace millrace::ladder
