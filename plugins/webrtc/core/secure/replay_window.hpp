// SPDX-License-Identifier: LGPL-2.1-or-later
// Which indices have been seen: the newest one and the 63 before it (RFC 3711 3.3.2 asks for 64 at least). Wide enough
// for RTP's indices of 48 bits, and RTCP's of 31.
#pragma once

#include <cstdint>
#include <optional>

namespace millrace::webrtc {

class ReplayWindow {
  public:
    static constexpr std::uint32_t kSize = 64;

    // False for an index that has been accepted, and for one too old to know.
    [[nodiscard]] bool is_fresh(std::uint64_t index) const {
        if (seen_ == 0 || index > newest_) return true;
        const std::uint64_t age = newest_ - index;
        return age < kSize && (seen_ >> age & 1) == 0;
    }

    // Only of a packet whose tag was right; else anybody could close the window.
    void accept(std::uint64_t index) {
        if (seen_ == 0 || index > newest_) {
            const std::uint64_t step = index - newest_;
            seen_ = step < kSize && seen_ != 0 ? seen_ << step : 0;
            newest_ = index;
        }
        if (newest_ - index < kSize) seen_ |= std::uint64_t{1} << (newest_ - index);
    }

    // The highest that was accepted; empty before the first.
    [[nodiscard]] std::optional<std::uint64_t> newest() const {
        return seen_ == 0 ? std::nullopt : std::optional(newest_);
    }

  private:
    std::uint64_t newest_ = 0;
    std::uint64_t seen_ = 0;  // bit n: newest_ - n; empty before the first
};

}  // namespace millrace::webrtc
