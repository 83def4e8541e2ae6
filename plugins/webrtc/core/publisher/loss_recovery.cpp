// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/loss_recovery.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

// Indices begin here, so that one a little older than the first is no negative number.
constexpr std::uint64_t kFirstRound = 0x100000000;

}  // namespace

LossRecovery::LossRecovery(LossRecoverySettings settings) : settings_(settings) {
    missing_.reserve(kMostMissing);
    asking_.reserve(kMostAtOnce);
}

// The nearest to the newest with this number.
std::uint64_t LossRecovery::index_of(std::uint16_t sequence) const {
    const auto step = static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(*newest_));
    return *newest_ + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
}

LossRecovery::Arrival LossRecovery::on_packet(std::uint16_t sequence, TimePoint now) {
    ++packets_;
    if (!newest_) {
        start_at(kFirstRound | sequence);
        came_.reset();  // what it overtook is welcome
        came_.set(*newest_ % kRemembered);
        return Arrival::fresh;
    }
    const std::uint64_t index = index_of(sequence);
    if (index > *newest_) {
        advance(index, now);
        return Arrival::fresh;
    }
    return fill(index, now, false) ? Arrival::fresh : Arrival::duplicate;
}

LossRecovery::Arrival LossRecovery::on_retransmission(std::uint16_t sequence, TimePoint now) {
    if (!newest_) return Arrival::duplicate;
    const std::uint64_t index = index_of(sequence);
    return index <= *newest_ && fill(index, now, true) ? Arrival::fresh : Arrival::duplicate;
}

void LossRecovery::start_at(std::uint64_t index) {
    newest_ = index;
    missing_.clear();
    // What was before is not missed, and late.
    came_.set();
}

void LossRecovery::advance(std::uint64_t index, TimePoint now) {
    const std::uint64_t gap = index - *newest_ - 1;
    // The sender has begun elsewhere, or the way was cut: nobody keeps so much to send it again.
    if (gap > kMostMissing || missing_.size() + gap > kMostMissing) {
        give_up(missing_.size() + gap);
        start_at(index);
        return;
    }
    for (std::uint64_t lost = *newest_ + 1; lost < index; ++lost) {
        came_.reset(lost % kRemembered);
        missing_.push_back({lost, packets_, now, {}, 0});
    }
    came_.set(index % kRemembered);
    newest_ = index;
}

// True where it had not come. What was given up is as welcome: the jitter buffer may wait for longer than we ask.
bool LossRecovery::fill(std::uint64_t index, TimePoint now, bool answer) {
    if (*newest_ - index >= kRemembered || came_.test(index % kRemembered)) return false;
    came_.set(index % kRemembered);
    const auto found = std::ranges::find(missing_, index, &Missing::index);
    if (found == missing_.end()) return true;
    // Of one that was asked for twice there is no telling which of the two it answers.
    if (answer && found->requests == 1) on_round_trip(now - found->asked);
    missing_.erase(found);
    return true;
}

void LossRecovery::on_round_trip(Duration sample) {
    round_trip_ = round_trip_ == Duration{} ? sample : (round_trip_ * 7 + sample) / 8;
}

Duration LossRecovery::interval() const {
    return round_trip_ == Duration{} ? kFirstInterval : std::max(round_trip_, kLeastInterval);
}

void LossRecovery::give_up(std::size_t count) {
    given_up_ += count;
    gave_up_ = gave_up_ || count > 0;
}

bool LossRecovery::is_due(const Missing& missing, TimePoint now) const {
    if (missing.requests > 0) return now - missing.asked >= interval();
    return now - missing.noticed >= kSwapped || packets_ - missing.noticed_with + 1 >= kSwappedPackets;
}

bool LossRecovery::is_lost(const Missing& missing, TimePoint now) const {
    if (!settings_.ask) return is_due(missing, now);
    return now - missing.noticed >= settings_.give_up_after ||
           (missing.requests >= settings_.most_requests && is_due(missing, now));
}

const std::vector<std::uint16_t>& LossRecovery::due(TimePoint now) {
    asking_.clear();
    if (missing_.empty()) return asking_;
    give_up(std::erase_if(missing_, [&](const Missing& missing) { return is_lost(missing, now); }));
    for (Missing& missing : missing_) {
        if (asking_.size() == kMostAtOnce) break;
        if (!is_due(missing, now)) continue;
        missing.asked = now;
        ++missing.requests;
        asking_.push_back(static_cast<std::uint16_t>(missing.index));
    }
    requested_ += asking_.size();
    return asking_;
}

TimePoint LossRecovery::deadline() const {
    TimePoint earliest = kNever;
    for (const Missing& missing : missing_) {
        const TimePoint due = missing.requests > 0 ? missing.asked + interval() : missing.noticed + kSwapped;
        earliest = std::min({earliest, due, missing.noticed + std::max(settings_.give_up_after, kSwapped)});
    }
    return earliest;
}

}  // namespace millrace::webrtc
