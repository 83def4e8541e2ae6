// SPDX-License-Identifier: LGPL-2.1-or-later
// One track of one viewer: a cursor in the ring, and the numbers that this viewer knows its packets by.
//
// All viewers share the ring's numbers; each sees them shifted, so that its first is below 2^15 (srtp_sender.hpp says
// why) and that there is no gap where it went on at a later key frame because the ring had moved on, or in another
// ring. The viewer's numbers only ever go up, and within a run, from one such place to the next, each means one packet
// of one ring: what was numbered before is not found any more, so no number is ever encrypted with another payload.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "webrtc/core/rtp/media_ring.hpp"
#include "webrtc/core/rtp/nack_responder.hpp"
#include "webrtc/core/rtp/rtcp.hpp"
#include "webrtc/core/rtp/rtp_header.hpp"
#include "webrtc/core/sdp/answer.hpp"
#include "webrtc/core/viewer/live_stream.hpp"
#include "webrtc/core/viewer/pacer.hpp"
#include "webrtc/core/viewer/packet_output.hpp"

namespace millrace::webrtc {

struct TrackCounters {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  // of datagrams
    std::uint64_t resent = 0;
    std::uint64_t refused = 0;
    std::uint64_t restarts = 0;
};

class TrackSender {
  public:
    struct Setup {
        const ServedMedia* media = nullptr;
        std::string mid;
        std::uint16_t first_sequence = 0;  // random, and below 2^15
        std::uint16_t first_rtx_sequence = 0;
        PlayoutDelay playout_delay;
        NackLimits nack;
    };
    explicit TrackSender(const Setup& setup);

    // Where it begins, or goes on in another ring: at a key frame. Until then there is nothing to send.
    void enter(std::uint64_t cursor);
    [[nodiscard]] bool entered() const { return entered_; }

    enum class Sent {
        all,               // that there is
        not_more_for_now,  // the pacer or the limit says so
        arena_full,
        needs_key_frame,  // it fell out of the ring, which has none
    };
    struct Allowance {
        Pacer* pacer = nullptr;          // as long as the track catches up; none: all at once
        std::optional<TimePoint> until;  // nothing that came later
    };
    Sent send(const MediaRing& ring, PacketOutput& out, const Allowance& allowance);

    // The viewer misses these. What it is sent again of them goes with the next resend(), which returns false when the
    // arena was full before all was said.
    void on_lost(std::span<const std::uint16_t> sequences);
    [[nodiscard]] bool owes_resends() const { return !lost_.empty(); }
    bool resend(const MediaRing& ring, PacketOutput& out, Duration round_trip);
    // Who is to go on elsewhere needs nothing of what it lost here.
    void give_up_lost();

    // What can be sent twice without harm: the receiver knows what it has.
    [[nodiscard]] bool can_repeat() const { return responder_.resends_as_rtx(); }
    // Sends about `bytes` of the newest packets once more. How many bytes it were.
    std::size_t repeat(const MediaRing& ring, PacketOutput& out, std::size_t bytes);

    // Of the instant `now`; nothing before the first packet.
    [[nodiscard]] std::optional<SenderReport> report(const LiveStream& stream, const LiveTrack& track,
                                                     TimePoint now) const;

    [[nodiscard]] bool catching_up() const { return catching_up_; }
    [[nodiscard]] std::uint64_t cursor() const { return cursor_; }
    [[nodiscard]] std::optional<TimePoint> key_frame_sent() const { return key_frame_sent_; }
    [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
    [[nodiscard]] bool owns(std::uint32_t ssrc) const { return ssrc == ssrc_ || (has_rtx_ && ssrc == rtx_ssrc_); }
    [[nodiscard]] TrackCounters counters() const;

  private:
    bool restart(const MediaRing& ring);
    bool send_slot(const Slot& slot, PacketOutput& out, Pacer* pacer);
    bool resend_one(std::uint16_t sequence, const MediaRing& ring, PacketOutput& out, Duration round_trip);
    std::size_t send_again(const Slot& slot, std::optional<std::uint64_t> rtx, PacketOutput& out);
    void count(const Slot& slot, std::size_t size);
    void begin_frame(const Frame& frame);
    [[nodiscard]] std::uint32_t timestamp_of(const Frame& frame) const;
    [[nodiscard]] std::uint64_t to_viewer(std::uint64_t sequence) const { return sequence - shift_; }

    RtpHeader header_;
    RtpHeader rtx_header_;
    std::uint32_t ssrc_;
    std::uint32_t rtx_ssrc_;
    bool has_rtx_;
    NackResponder responder_;

    bool entered_ = false;
    bool catching_up_ = true;
    std::uint64_t cursor_ = 0;     // the ring's number of the next packet
    std::uint64_t run_first_ = 0;  // the ring's number of the first packet since it entered or restarted
    std::uint64_t next_index_;     // the viewer's number of the next packet
    std::uint64_t shift_ = 0;      // the ring's numbers minus the viewer's, modulo 2^64
    std::uint64_t repeated_ = 0;   // packets before the cursor, so far

    // A run may begin with pictures that are no newer than the last one of the run before it. Receivers take pictures
    // of one timestamp for one, and show none that is older than what they show: so these come a moment after it, each.
    std::uint64_t run_frame_ = 0;          // the index of the run's first frame
    std::vector<std::uint32_t> moved_on_;  // the timestamps of the run's first frames, where they are not their own
    bool may_be_old_ = false;              // the next frame, as all of the run before it were
    std::optional<std::uint32_t> last_timestamp_;
    std::vector<std::uint16_t> lost_;  // as the viewer counts; oldest first
    std::optional<TimePoint> key_frame_sent_;
    std::uint32_t octets_ = 0;    // as sender reports count them: without headers and padding, modulo 2^32
    std::uint32_t reported_ = 0;  // packets, likewise: of this source alone
    TrackCounters counters_;
};

}  // namespace millrace::webrtc
