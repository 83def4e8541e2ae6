// SPDX-License-Identifier: LGPL-2.1-or-later
// The way of one track from its access units to the numbered frames in the rings: packetized once for all viewers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "common/base/result.hpp"
#include "common/codec/frame.hpp"
#include "webrtc/core/rtp/frame.hpp"
#include "webrtc/core/rtp/packetizer.hpp"
#include "webrtc/core/rtp/send_clock.hpp"

namespace millrace::webrtc {

class TrackFeed {
  public:
    // The numbers go on whatever the packetizer: a viewer has seen the ones before.
    TrackFeed(std::uint16_t first_sequence, const RtpClock& clock) : sequence_(first_sequence), clock_(clock) {}

    // A new encoding of the track begins.
    void begin(std::unique_ptr<Packetizer> packetizer);

    // nullptr where nothing of the access unit is worth sending. bad_input for one that cannot be read. refused from
    // the first picture on that is not shown in the order of decoding: RTP has one timestamp, and browsers decode
    // without a delay for reordering; it stays so until begin().
    Result<FramePtr> push(const codec::Frame& frame, TimePoint arrival);

  private:
    [[nodiscard]] bool is_reordered(const codec::Frame& frame) const;

    FrameSequence sequence_;
    RtpClock clock_;
    std::unique_ptr<Packetizer> packetizer_;
    std::optional<Duration> last_pts_;
    bool reordered_ = false;
};

}  // namespace millrace::webrtc
