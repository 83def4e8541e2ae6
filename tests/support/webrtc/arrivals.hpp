// SPDX-License-Identifier: LGPL-2.1-or-later
// Which packets of one source have come (RFC 3550 A.1, A.3): what is lost, what came twice, what came after all.
#pragma once

#include <bitset>
#include <cstdint>

namespace millrace::webrtc::test {

class Arrivals {
  public:
    enum class Kind { ahead, late, duplicate, too_old };
    struct Arrival {
        Kind kind = Kind::ahead;
        std::uint64_t index = 0;    // the sequence number, unwrapped
        std::uint64_t skipped = 0;  // how many are missing right before it, now that it is there
    };

    Arrival add(std::uint16_t sequence) {
        if (received_ == 0) {
            first_ = highest_ = (std::uint64_t{1} << 32) + sequence;
            return arrive({Kind::ahead, highest_, 0});
        }
        const auto step = static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(highest_));
        const std::uint64_t index = highest_ + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
        if (step > 0) return advance_to(index);
        if (index < first_ || highest_ - index >= kWindow) return {Kind::too_old, index, 0};
        if (seen_[index % kWindow]) {
            ++duplicates_;
            return {Kind::duplicate, index, 0};
        }
        return arrive({Kind::late, index, 0});
    }

    [[nodiscard]] std::uint64_t expected() const { return received_ == 0 ? 0 : highest_ - first_ + 1; }
    [[nodiscard]] std::uint64_t received() const { return received_; }
    [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
    [[nodiscard]] std::uint64_t highest() const { return highest_; }

  private:
    static constexpr std::size_t kWindow = 2048;

    Arrival advance_to(std::uint64_t index) {
        const std::uint64_t skipped = index - highest_ - 1;
        for (std::uint64_t each = highest_ + 1; each < index && each <= highest_ + kWindow; ++each)
            seen_.reset(each % kWindow);
        highest_ = index;
        return arrive({Kind::ahead, index, skipped});
    }
    Arrival arrive(const Arrival& arrival) {
        ++received_;
        seen_.set(arrival.index % kWindow);
        return arrival;
    }

    std::uint64_t first_ = 0;
    std::uint64_t highest_ = 0;
    std::uint64_t received_ = 0;  // each once
    std::uint64_t duplicates_ = 0;
    std::bitset<kWindow> seen_;
};

}  // namespace millrace::webrtc::test
