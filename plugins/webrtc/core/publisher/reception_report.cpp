// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/reception_report.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

// A.1
constexpr std::uint16_t kMostDropped = 3000;
constexpr std::uint16_t kMostMisordered = 100;
constexpr std::uint64_t kCycle = 0x10000;

constexpr std::int64_t kSecond = 1'000'000'000;

// Without what an hour of nanoseconds would overflow.
std::uint32_t to_ticks(Duration time, std::uint32_t rate) {
    const std::int64_t seconds = time.count() / kSecond;
    const std::int64_t rest = time.count() % kSecond;
    return static_cast<std::uint32_t>(seconds * rate + rest * rate / kSecond);
}

}  // namespace

void ReceptionReport::on_packet(std::uint16_t sequence, std::uint32_t timestamp, TimePoint now) {
    if (!started_) restart_at(sequence);
    count(sequence);
    measure(timestamp, now);
}

void ReceptionReport::restart_at(std::uint16_t sequence) {
    started_ = true;
    base_ = highest_ = sequence;
    received_ = expected_before_ = received_before_ = 0;
    after_jump_.reset();
}

// A.1
void ReceptionReport::count(std::uint16_t sequence) {
    const auto ahead = static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(highest_));
    if (ahead < kMostDropped) {
        highest_ += ahead;
    } else if (ahead <= kCycle - kMostMisordered) {
        // Two in a row: the sender has begun elsewhere.
        if (after_jump_ != sequence) {
            after_jump_ = static_cast<std::uint16_t>(sequence + 1);
            return;
        }
        restart_at(sequence);
    }
    ++received_;
}

// A.8
void ReceptionReport::measure(std::uint32_t timestamp, TimePoint now) {
    const std::uint32_t transit = to_ticks(now.time_since_epoch(), rate_) - timestamp;
    if (transit_) {
        const std::int64_t step = static_cast<std::int32_t>(transit - *transit_);
        jitter_ += static_cast<std::uint64_t>(step < 0 ? -step : step) - ((jitter_ + 8) >> 4);
    }
    transit_ = transit;
}

void ReceptionReport::on_sender_report(NtpTime ntp, TimePoint now) {
    last_report_ = ntp.compact();
    last_report_at_ = now;
}

std::int64_t ReceptionReport::lost() const {
    return started_ ? static_cast<std::int64_t>(expected() - received_) : 0;
}

// A.3
std::uint8_t ReceptionReport::take_fraction() {
    const auto expected_now = static_cast<std::int64_t>(expected() - expected_before_);
    const auto lost_now = expected_now - static_cast<std::int64_t>(received_ - received_before_);
    expected_before_ = expected();
    received_before_ = received_;
    if (expected_now <= 0 || lost_now <= 0) return 0;
    return static_cast<std::uint8_t>(std::min<std::int64_t>(lost_now * 256 / expected_now, 255));
}

ReportBlock ReceptionReport::take(std::uint32_t ssrc, TimePoint now) {
    ReportBlock block;
    block.ssrc = ssrc;
    if (!started_) return block;
    block.fraction_lost = fraction_ = take_fraction();
    block.cumulative_lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x800000, 0x7fffff));
    block.highest_sequence = static_cast<std::uint32_t>(highest_);
    block.jitter = static_cast<std::uint32_t>(jitter_ >> 4);
    block.last_report = last_report_;
    if (last_report_ != 0) block.since_last_report = to_ticks(now - last_report_at_, 0x10000);
    return block;
}

Duration ReceptionReport::jitter() const {
    const auto ticks = static_cast<std::int64_t>(jitter_ >> 4);
    return Duration(ticks / rate_ * kSecond + ticks % rate_ * kSecond / rate_);
}

}  // namespace millrace::webrtc
