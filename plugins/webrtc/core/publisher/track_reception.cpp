// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/track_reception.hpp"

namespace millrace::webrtc {

TrackReception::TrackReception(const IncomingTrack& terms)
    : wants_key_frames_(terms.video),
      settings_{.ask = terms.nack},
      report_(terms.codecs.front().clock_rate),
      losses_(settings_) {}

void TrackReception::on_new_source(std::uint32_t clock_rate) {
    ++counted_.sources;
    counted_.lost += report_.lost();
    counted_.given_up += losses_.given_up();
    counted_.requested += losses_.requested();
    report_ = ReceptionReport(clock_rate);
    losses_ = LossRecovery(settings_);
}

bool TrackReception::on_packet(const RtpPacket& packet, std::size_t size, TimePoint now) {
    report_.on_packet(packet.sequence, packet.timestamp, now);
    if (losses_.on_packet(packet.sequence, now) == LossRecovery::Arrival::duplicate) {
        ++counted_.duplicates;
        return false;
    }
    ++counted_.packets;
    counted_.bytes += size;
    return true;
}

bool TrackReception::on_recovered(std::uint16_t sequence, std::size_t size, TimePoint now) {
    if (losses_.on_retransmission(sequence, now) == LossRecovery::Arrival::duplicate) {
        ++counted_.duplicates;
        return false;
    }
    ++counted_.recovered;
    ++counted_.packets;
    counted_.bytes += size;
    return true;
}

const std::vector<std::uint16_t>& TrackReception::due(TimePoint now) {
    const auto& numbers = losses_.due(now);
    if (losses_.take_given_up() && wants_key_frames_) key_frames_.want(now);
    return numbers;
}

TrackReceptionStats TrackReception::stats() const {
    TrackReceptionStats stats = counted_;
    stats.lost += report_.lost();
    stats.given_up += losses_.given_up();
    stats.requested += losses_.requested();
    stats.key_frame_requests = key_frames_.requests();
    stats.fraction_lost = report_.fraction_lost();
    stats.jitter = report_.jitter();
    stats.round_trip = losses_.round_trip();
    return stats;
}

}  // namespace millrace::webrtc
