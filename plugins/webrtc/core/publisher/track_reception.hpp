// SPDX-License-Identifier: LGPL-2.1-or-later
// One track of a publisher: what is counted, missed and asked for. A new source begins anew, the counters go on.
#pragma once

#include <cstdint>
#include <optional>

#include "webrtc/core/publisher/key_frame_demand.hpp"
#include "webrtc/core/publisher/loss_recovery.hpp"
#include "webrtc/core/publisher/reception_report.hpp"
#include "webrtc/core/publisher/reception_stats.hpp"
#include "webrtc/core/publisher/reception_terms.hpp"
#include "webrtc/core/rtp/rtp_packet.hpp"

namespace millrace::webrtc {

class TrackReception {
  public:
    explicit TrackReception(const IncomingTrack& terms);

    void on_new_source(std::uint32_t clock_rate);
    // False for one to drop: it came before. `size` is the datagram's.
    bool on_packet(const RtpPacket& packet, std::size_t size, TimePoint now);
    bool on_recovered(std::uint16_t sequence, std::size_t size, TimePoint now);

    // The numbers to ask for now. What is given up may be why a key frame is wanted.
    const std::vector<std::uint16_t>& due(TimePoint now);

    [[nodiscard]] KeyFrameDemand& key_frames() { return key_frames_; }
    [[nodiscard]] const KeyFrameDemand& key_frames() const { return key_frames_; }
    [[nodiscard]] ReceptionReport& report() { return report_; }
    [[nodiscard]] const LossRecovery& losses() const { return losses_; }
    // Of what is missing; the key frames' is their own.
    [[nodiscard]] TimePoint deadline() const { return losses_.deadline(); }
    [[nodiscard]] TrackReceptionStats stats() const;

  private:
    bool wants_key_frames_;
    LossRecoverySettings settings_;
    ReceptionReport report_;
    LossRecovery losses_;
    KeyFrameDemand key_frames_;
    TrackReceptionStats counted_;  // also what former sources added up to
};

}  // namespace millrace::webrtc
