// SPDX-License-Identifier: LGPL-2.1-or-later
// What one viewer was sent of late, by the numbers that transport-wide feedback tells of it with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/time.hpp"

namespace millrace::webrtc {

class SentPackets {
  public:
    static constexpr std::size_t kRemembered = 1024;  // 16 KiB; two seconds of 4 Mbit/s

    struct Packet {
        TimePoint at;
        std::size_t size = 0;  // bytes, as sent
    };

    void add(std::uint16_t sequence, std::size_t size, TimePoint now) {
        if (places_.empty()) places_.resize(kRemembered);
        const auto kept = static_cast<std::uint16_t>(size < 0xffff ? size : 0xffff);
        places_[sequence % kRemembered] = {now, sequence, kept};
    }
    // Once: it has arrived, and what is said of it again is not heard.
    std::optional<Packet> take(std::uint16_t sequence) {
        if (!knows(sequence)) return std::nullopt;
        Place& place = places_[sequence % kRemembered];
        return Packet{place.at, std::exchange(place.size, std::uint16_t{0})};
    }
    // It was sent, at `since` or later, and has not been taken.
    [[nodiscard]] bool knows(std::uint16_t sequence, TimePoint since = TimePoint::min()) const {
        if (places_.empty()) return false;
        const Place& place = places_[sequence % kRemembered];
        return place.sequence == sequence && place.size > 0 && place.at >= since;
    }

  private:
    struct Place {
        TimePoint at;
        std::uint16_t sequence = 0;
        std::uint16_t size = 0;  // 0: not sent, or told of already
    };
    std::vector<Place> places_;  // by the low bits of the number
};

}  // namespace millrace::webrtc
