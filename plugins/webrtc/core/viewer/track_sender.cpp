// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/track_sender.hpp"

#include <algorithm>

namespace millrace::webrtc {

namespace {

// Of what a viewer says it lost, between two passes. More is an attack or hopeless.
constexpr std::size_t kMostLost = 256;
// More than any packet with its headers: where there is room for it, an answer is not given up.
constexpr std::size_t kHeadersAndTag = RtpHeader::kMaxSize + kRtxHeaderSize + 16;

RtpStream stream_of(const TrackSender::Setup& setup, bool rtx) {
    const ServedMedia& media = *setup.media;
    return {.payload_type = rtx ? media.rtx_payload_type.value_or(0) : media.payload_type.number,
            .ssrc = rtx ? media.rtx_ssrc : media.ssrc,
            .ids = media.extensions,
            .mid = setup.mid,
            .playout_delay = setup.playout_delay};
}

Retransmission way_of(const ServedMedia& media, const RtpHeader& header) {
    if (!media.feedback.nack) return Retransmission::none;
    if (media.rtx_payload_type) return Retransmission::rtx;
    return header.repeatable() ? Retransmission::plain : Retransmission::none;
}

std::size_t size_without_padding(const Slot& slot) {
    const ByteView payload = slot.payload();
    const std::size_t padding = slot.padded() && !payload.empty() ? payload.back() : 0;
    return payload.size() - std::min(padding, payload.size());
}

}  // namespace

TrackSender::TrackSender(const Setup& setup)
    : header_(stream_of(setup, false)),
      rtx_header_(stream_of(setup, true)),
      ssrc_(setup.media->ssrc),
      rtx_ssrc_(setup.media->rtx_ssrc),
      has_rtx_(setup.media->rtx_payload_type.has_value()),
      responder_(way_of(*setup.media, header_), setup.first_rtx_sequence, setup.nack),
      next_index_(setup.first_sequence) {}

void TrackSender::enter(std::uint64_t cursor) {
    entered_ = true;
    catching_up_ = true;
    cursor_ = cursor;
    run_first_ = cursor;
    shift_ = cursor - next_index_;
    repeated_ = 0;
    moved_on_.clear();
    may_be_old_ = true;
    responder_.forget();
    give_up_lost();
}

void TrackSender::give_up_lost() {
    counters_.refused += lost_.size();
    lost_.clear();
}

bool TrackSender::restart(const MediaRing& ring) {
    FramePtr key_frame = ring.newest_key_frame();
    if (!key_frame || key_frame->first_sequence < cursor_) return false;
    ++counters_.restarts;
    enter(key_frame->first_sequence);
    return true;
}

TrackSender::Sent TrackSender::send(const MediaRing& ring, PacketOutput& out, const Allowance& allowance) {
    if (!entered_) return Sent::all;
    for (;;) {
        auto next = ring.next(cursor_);
        if (next.state == MediaRing::Next::State::caught_up) {
            catching_up_ = false;
            return Sent::all;
        }
        if (next.state == MediaRing::Next::State::fell_out) {
            catching_up_ = false;  // there is nothing to be paced until there is a key frame
            if (!restart(ring)) return Sent::needs_key_frame;
            continue;
        }
        if (allowance.until && next.slot.frame->arrival > *allowance.until) return Sent::not_more_for_now;
        Pacer* pacer = catching_up_ ? allowance.pacer : nullptr;
        if (pacer != nullptr && !pacer->may_send(out.now())) return Sent::not_more_for_now;
        if (!send_slot(next.slot, out, pacer)) return Sent::arena_full;
    }
}

void TrackSender::begin_frame(const Frame& frame) {
    constexpr std::int32_t kMoment = 90;        // 1 ms of the clock of video
    constexpr std::int32_t kJump = 90 * 1'000;  // a publisher that begins anew may go back in time
    if (moved_on_.empty()) run_frame_ = frame.index;
    if (frame.index - run_frame_ < moved_on_.size()) return;  // once more, because the arena was full
    const auto step = last_timestamp_ ? static_cast<std::int32_t>(frame.timestamp - *last_timestamp_) : 1;
    may_be_old_ = step <= 0 && step > -kJump;
    if (may_be_old_) moved_on_.push_back(*last_timestamp_ + kMoment);
}

std::uint32_t TrackSender::timestamp_of(const Frame& frame) const {
    const std::uint64_t at = frame.index - run_frame_;
    return at < moved_on_.size() ? moved_on_[at] : frame.timestamp;
}

bool TrackSender::send_slot(const Slot& slot, PacketOutput& out, Pacer* pacer) {
    if (may_be_old_ && slot.packet == 0) begin_frame(*slot.frame);
    const std::uint32_t timestamp = timestamp_of(*slot.frame);
    const std::size_t size = out.write(header_, {.index = to_viewer(slot.sequence()),
                                                 .timestamp = timestamp,
                                                 .marker = slot.marker(),
                                                 .padded = slot.padded(),
                                                 .payload = slot.payload(),
                                                 .original = {}});
    // Where there was room the cipher failed: that packet is as good as lost, and must not stop the others.
    if (size == 0 && !out.has_room(slot.payload().size() + kHeadersAndTag)) return false;
    if (size > 0) count(slot, size);
    last_timestamp_ = timestamp;
    if (pacer != nullptr) pacer->on_sent(size, out.now());
    if (slot.frame->key_frame() && slot.packet + 1 == slot.frame->packets()) key_frame_sent_ = out.now();
    ++cursor_;
    ++next_index_;
    return true;
}

void TrackSender::count(const Slot& slot, std::size_t size) {
    ++counters_.packets;
    counters_.bytes += size;
    ++reported_;
    octets_ += static_cast<std::uint32_t>(size_without_padding(slot));
}

void TrackSender::on_lost(std::span<const std::uint16_t> sequences) {
    const std::size_t taken = std::min(sequences.size(), kMostLost - lost_.size());
    lost_.insert(lost_.end(), sequences.begin(), sequences.begin() + static_cast<std::ptrdiff_t>(taken));
    counters_.refused += sequences.size() - taken;
}

bool TrackSender::resend(const MediaRing& ring, PacketOutput& out, Duration round_trip) {
    std::size_t done = 0;
    while (done < lost_.size() && resend_one(lost_[done], ring, out, round_trip)) ++done;
    lost_.erase(lost_.begin(), lost_.begin() + static_cast<std::ptrdiff_t>(done));
    return lost_.empty();
}

// False when the arena has no room; then it is tried again, and has cost nothing of the viewer's share.
bool TrackSender::resend_one(std::uint16_t sequence, const MediaRing& ring, PacketOutput& out, Duration round_trip) {
    const auto index = unwrap_before(sequence, next_index_);
    const bool known = entered_ && index && *index >= to_viewer(run_first_);
    const auto slot = known ? ring.find(*index + shift_) : std::nullopt;
    if (!slot) {
        ++counters_.refused;
        return true;
    }
    if (!out.has_room(slot->payload().size() + kHeadersAndTag)) return false;
    const std::uint16_t lost[] = {static_cast<std::uint16_t>(slot->sequence())};
    for (const Resend& resend : responder_.answer(lost, ring, {run_first_, cursor_, round_trip}, out.now())) {
        if (send_again(resend.slot, resend.rtx_sequence, out) > 0) ++counters_.resent;
    }
    return true;
}

// 0 when the cipher failed, or the arena is full.
std::size_t TrackSender::send_again(const Slot& slot, std::optional<std::uint64_t> rtx, PacketOutput& out) {
    const std::uint64_t index = to_viewer(slot.sequence());
    PacketOutput::Packet packet{.index = rtx.value_or(index),
                                .timestamp = timestamp_of(*slot.frame),
                                .marker = slot.marker(),
                                .padded = slot.padded(),
                                .payload = slot.payload(),
                                .original = {}};
    if (rtx) packet.original = static_cast<std::uint16_t>(index);
    const std::size_t size = out.write(rtx ? rtx_header_ : header_, packet);
    if (size == 0) return 0;
    ++counters_.packets;
    counters_.bytes += size;
    return size;
}

std::size_t TrackSender::repeat(const MediaRing& ring, PacketOutput& out, std::size_t bytes) {
    constexpr std::uint64_t kNewest = 64;  // packets, over and over: receivers have them, and know it
    std::size_t sent = 0;
    while (entered_ && can_repeat() && sent < bytes && cursor_ > run_first_) {
        const std::uint64_t before = repeated_++ % std::min(kNewest, cursor_ - run_first_);
        const auto slot = ring.find(cursor_ - 1 - before);
        if (!slot || !out.has_room(slot->payload().size() + kHeadersAndTag)) break;
        const std::size_t size = send_again(*slot, responder_.take_rtx_sequence(), out);
        if (size == 0) break;
        sent += size;
    }
    return sent;
}

std::optional<SenderReport> TrackSender::report(const LiveStream& stream, const LiveTrack& track, TimePoint now) const {
    if (reported_ == 0) return std::nullopt;
    return SenderReport{.ssrc = ssrc_,
                        .ntp = stream.ntp(now),
                        .timestamp = track.clock().timestamp(stream.running_time(now)),
                        .packets = reported_,
                        .octets = octets_};
}

TrackCounters TrackSender::counters() const {
    TrackCounters counters = counters_;
    counters.refused += responder_.refused();
    return counters;
}

}  // namespace millrace::webrtc
