// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/send_clock.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kFrom1900To1970 = 2'208'988'800;

// Rounded down, also below 0, so that what is left is not negative.
struct Split {
    explicit Split(std::int64_t nanoseconds) : seconds(nanoseconds / kSecond), rest(nanoseconds % kSecond) {
        if (rest < 0) {
            --seconds;
            rest += kSecond;
        }
    }
    std::int64_t seconds;
    std::int64_t rest;
};

}  // namespace

NtpTime to_ntp(UnixTime time) {
    Split split(time.nanoseconds);
    auto fraction = (static_cast<std::uint64_t>(split.rest) << 32) / static_cast<std::uint64_t>(kSecond);
    return {static_cast<std::uint64_t>(split.seconds + kFrom1900To1970) << 32 | fraction};
}

Duration from_compact_ntp(std::uint32_t seconds) {
    return Duration(static_cast<std::int64_t>(std::uint64_t{seconds} * static_cast<std::uint64_t>(kSecond) >> 16));
}

std::uint32_t RtpClock::timestamp(Duration running_time) const {
    Split split(running_time.count());
    std::int64_t ticks = split.seconds * rate_ + (split.rest * rate_ + kSecond / 2) / kSecond;
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(ticks)) + offset_;
}

}  // namespace millrace::webrtc
