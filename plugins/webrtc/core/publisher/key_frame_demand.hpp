// SPDX-License-Identifier: LGPL-2.1-or-later
// When a publisher is asked for a key frame: many wishes are one request, and one that is not answered is repeated
// (RFC 4585 6.3.1.2: it may have been lost).
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.hpp"

namespace millrace::webrtc {

class KeyFrameDemand {
  public:
    static constexpr Duration kLeastInterval = 200ms;
    static constexpr Duration kRepeat = 500ms;

    void want(TimePoint now);
    void key_frame_arrived() {
        due_ = kNever;
        outstanding_ = false;
    }

    [[nodiscard]] TimePoint deadline() const { return due_; }
    // True: ask now.
    bool poll(TimePoint now);

    // What poll() asks for was asked for before, and has not come.
    [[nodiscard]] bool is_repeated() const { return outstanding_; }
    [[nodiscard]] std::uint64_t requests() const { return requests_; }

  private:
    TimePoint due_ = kNever;
    std::optional<TimePoint> asked_;
    bool outstanding_ = false;
    std::uint64_t requests_ = 0;
};

}  // namespace millrace::webrtc
