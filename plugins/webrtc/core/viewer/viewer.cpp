// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/viewer.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "webrtc/core/rtp/rtcp_reader.hpp"
#include "webrtc/core/rtp/rtcp_writer.hpp"
#include "webrtc/core/secure/random.hpp"

namespace millrace::webrtc {

namespace {

enum FirstSequence : std::size_t { of_video, of_video_rtx, of_audio, of_audio_rtx, kFirstSequences };
using FirstSequences = std::array<std::uint16_t, kFirstSequences>;

// Random (RFC 3550 5.1), and below 2^15: a viewer that loses the first packets still guesses its rollover counter
// right.
Result<FirstSequences> roll_first_sequences() {
    std::array<std::uint8_t, 2 * kFirstSequences> dice{};
    if (auto filled = fill_random(dice); !filled) return tl::unexpected(std::move(filled).error());
    ByteReader in(dice);
    FirstSequences sequences{};
    for (std::uint16_t& sequence : sequences) sequence = in.u16() & 0x7fff;
    return sequences;
}

const AnswerSection* section_of(const Answer& answer, const ServedMedia* media) {
    for (const AnswerSection& section : answer.sections)
        if (section.served && &*section.served == media) return &section;
    return nullptr;
}

std::optional<TrackSender> make_track(const Answer& answer, const ServedMedia* media, const ViewerSettings& settings,
                                      std::uint16_t first, std::uint16_t first_rtx) {
    const AnswerSection* section = media != nullptr ? section_of(answer, media) : nullptr;
    if (section == nullptr) return std::nullopt;
    return TrackSender({.media = media,
                        .mid = section->mid,
                        .first_sequence = first,
                        .first_rtx_sequence = first_rtx,
                        .playout_delay = settings.playout_delay,
                        .nack = settings.nack});
}

bool counts_transport(const Answer& answer) {
    return std::ranges::any_of(answer.sections, [](const AnswerSection& section) {
        return section.served && section.served->extensions.transport_cc != 0;
    });
}

StreamFormat encoding_of(const Answer& answer) {
    const ServedMedia* video = answer.video();
    return video != nullptr ? StreamFormat{.codec = video->codec, .profile = video->profile} : StreamFormat();
}

}  // namespace

Result<Viewer::Ciphers> Viewer::make_ciphers(const SrtpKeys& keys) {
    auto rtp = SrtpSender::make(keys.profile, keys.server.rtp);
    if (!rtp) return tl::unexpected(std::move(rtp).error());
    auto out = SrtcpSender::make(keys.profile, keys.server.rtcp);
    if (!out) return tl::unexpected(std::move(out).error());
    auto in = SrtcpReceiver::make(keys.profile, keys.client.rtcp);
    if (!in) return tl::unexpected(std::move(in).error());
    return Ciphers{std::move(*rtp), std::move(*out), std::move(*in)};
}

Result<Viewer> Viewer::make(const Answer& answer, const SourceNames& names, const SrtpKeys& keys,
                            const ViewerSettings& settings, std::optional<RungId> pinned) {
    auto ciphers = make_ciphers(keys);
    if (!ciphers) return tl::unexpected(std::move(ciphers).error().while_("making a viewer"));
    auto sequences = roll_first_sequences();
    if (!sequences) return tl::unexpected(std::move(sequences).error().while_("making a viewer"));
    return Viewer(answer, names, std::move(*ciphers), settings, pinned, *sequences);
}

Viewer::Viewer(const Answer& answer, const SourceNames& names, Ciphers ciphers, const ViewerSettings& settings,
               std::optional<RungId> pinned, std::array<std::uint16_t, 4> first)
    : settings_(settings),
      cname_(names.cname),
      ciphers_(std::move(ciphers)),
      video_(make_track(answer, answer.video(), settings, first[of_video], first[of_video_rtx])),
      audio_(make_track(answer, answer.audio(), settings, first[of_audio], first[of_audio_rtx])),
      pacer_(settings.catch_up),
      requests_(settings.wish_again),
      encoding_(encoding_of(answer)),
      pinned_(pinned) {
    transport_.negotiated = counts_transport(answer);
}

Viewer::Pass Viewer::send(const LiveStream& stream, TimePoint now, const TransportAddress& to, SendArena& arena) {
    if (gone_) return Pass::done;
    enter(stream, now);
    adapt(stream, now);
    PacketOutput out(ciphers_.rtp, transport_, arena, to, now);
    const bool sent = send_reports(stream, out) && send_resends(stream, out) && send_media(stream, out);
    if (requests_.poll(now)) wish_ = true;
    if (!sent) return Pass::arena_full;
    // The first packets are told the time of at once: until then sound and picture are not played together.
    if (next_report_ != kNever) return Pass::done;
    const bool started = (video_ && video_->counters().packets > 0) || (audio_ && audio_->counters().packets > 0);
    if (!started) return Pass::done;
    next_report_ = now;
    return send_reports(stream, out) ? Pass::done : Pass::arena_full;
}

void Viewer::enter(const LiveStream& stream, TimePoint now) {
    if (!began_) began_ = now;
    if (video_ && !video_->entered()) enter_video(stream, now);
    if (audio_ && !audio_->entered() && stream.audio.ring != nullptr) enter_audio(stream, now);
}

void Viewer::enter_video(const LiveStream& stream, TimePoint now) {
    if (video_ring(stream) == nullptr) {
        rung_ = RungChoice::first(stream.rungs.of(encoding_, stream.sound_bytes_per_second()).all(), pinned_,
                                  settings_.choice);
        if (rung_ && !settings_.instant_start) not_before_ = stream.rungs.ring(*rung_)->end();
    }
    const MediaRing* const ring = video_ring(stream);
    if (ring == nullptr) return;
    const auto cursor = ring->entry(now, settings_.oldest_start);
    if (!cursor || *cursor < not_before_) {
        // Who waits by choice takes the next that comes anyway.
        if (settings_.instant_start && requests_.deadline() == kNever) want_key_frame(*rung_, now);
        return;
    }
    video_->enter(*cursor);
    requests_.key_frame_arrived();
    begins_at_ = stream.media_time(stream.video, *ring->newest_key_frame());
}

// With the picture; alone when there is none, or it does not come.
void Viewer::enter_audio(const LiveStream& stream, TimePoint now) {
    const bool has_picture = video_ && video_ring(stream) != nullptr;
    if (begins_at_) {
        if (auto cursor = stream.cursor_at(stream.audio, *begins_at_)) audio_->enter(*cursor);
    } else if (!has_picture || now - *began_ >= settings_.audio_waits) {
        if (auto cursor = stream.audio.ring->entry(now, settings_.oldest_start)) audio_->enter(*cursor);
    }
}

// ---- which rung -----------------------------------------------------------------------------------------------------

const MediaRing* Viewer::video_ring(const LiveStream& stream) const {
    return rung_ ? stream.rungs.ring(*rung_) : nullptr;
}

bool Viewer::follows(RungId id) const {
    if (!rung_ || *rung_ == id) return true;
    return adaptation_ && adaptation_->move() && adaptation_->move()->to == id;
}

void Viewer::adapt(const LiveStream& stream, TimePoint now) {
    if (!rung_ || !video_->entered()) return;
    if (!adaptation_) {
        if (stream.rungs.open() < 2 && video_ring(stream) != nullptr) return;
        adaptation_ = std::make_unique<Adaptation>(*rung_, pinned_, now, settings_.choice);
        transport_.told = &adaptation_->link();
    }
    if (video_->catching_up()) adaptation_->catches_up(now);
    if (adaptation_->is_due(now)) look(stream, now);
    if (adaptation_->move()) change_rung(stream, now);
}

void Viewer::look(const LiveStream& stream, TimePoint now) {
    const auto before = adaptation_->move();
    const RungList rungs = stream.rungs.of(encoding_, stream.sound_bytes_per_second());
    adaptation_->look(
        rungs.all(),
        {.resends = video_->can_repeat(), .owes = video_->owes_resends(), .round_trip = estimate_.round_trip()}, now);
    const auto& move = adaptation_->move();
    if (!move || (before && before->to == move->to && before->at_once == move->at_once)) return;
    if (move->at_once) video_->give_up_lost();
    change_rung(stream, now);
}

// Goes on in the other ring where that has a key frame to begin with; else sees to it that one comes.
void Viewer::change_rung(const LiveStream& stream, TimePoint now) {
    constexpr Duration kNextComesAnyway = 2s;
    constexpr Duration kComesSoon = 60ms;
    const RungChoice::Move move = *adaptation_->move();
    const MediaRing* const ring = stream.rungs.ring(move.to);
    if (ring == nullptr) return;
    if (move.at_once && now < adaptation_->clears_at()) {
        // One that comes when the way is clear.
        const bool asks = now >= adaptation_->clears_at() - kComesSoon;
        if (asks && requested_ != move.to) want_key_frame(move.to, now);
        return;
    }
    const FramePtr key_frame = ring->newest_key_frame();
    const TimePoint oldest = move.at_once ? now - settings_.newest_change : move.since;
    if (!key_frame || key_frame->arrival < oldest) {
        const bool asks = move.at_once || now - move.since >= kNextComesAnyway;
        if (asks && (requested_ != move.to || requests_.deadline() == kNever)) want_key_frame(move.to, now);
        return;
    }
    ++(stream.rungs.bits_per_second(move.to) > stream.rungs.bits_per_second(*rung_) ? climbs_ : descents_);
    rung_ = move.to;
    video_->enter(key_frame->first_sequence);
    requests_.key_frame_arrived();
    adaptation_->moved(now);
}

// Nothing of the rung that is left is sent any more, nor sent again.
bool Viewer::pauses() const {
    return adaptation_ && adaptation_->move() && adaptation_->move()->at_once;
}

void Viewer::probe(const MediaRing& ring, PacketOutput& out) {
    if (!adaptation_ || adaptation_->probe_at() > out.now()) return;
    // What is owed goes first.
    const std::size_t due = video_->owes_resends() ? 0 : adaptation_->probe_due(out.now());
    adaptation_->on_probed(video_->repeat(ring, out, due), out.now());
}

// ---- sending --------------------------------------------------------------------------------------------------------

bool Viewer::send_resends(const LiveStream& stream, PacketOutput& out) {
    const Duration round_trip = estimate_.round_trip();
    const MediaRing* const video = video_ ? video_ring(stream) : nullptr;
    if (video != nullptr && !video_->resend(*video, out, round_trip)) return false;
    return !audio_ || stream.audio.ring == nullptr || audio_->resend(*stream.audio.ring, out, round_trip);
}

bool Viewer::send_media(const LiveStream& stream, PacketOutput& out) {
    const MediaRing* video = video_ && !pauses() ? video_ring(stream) : nullptr;
    if (video != nullptr) {
        set_pace(*video, stream);
        if (!send_video(*video, out)) return false;
        probe(*video, out);
    }
    if (!audio_ || stream.audio.ring == nullptr) return true;
    TrackSender::Allowance allowance;
    if (video != nullptr && video_->entered() && video_->catching_up()) {
        // Sound does not run ahead of the picture.
        if (auto slot = video->find(video_->cursor())) allowance.until = slot->frame->arrival;
    }
    return audio_->send(*stream.audio.ring, out, allowance) != TrackSender::Sent::arena_full;
}

void Viewer::set_pace(const MediaRing& video, const LiveStream& stream) {
    if (!video_->catching_up()) {
        if (adaptation_) adaptation_->caught_up();
        return;
    }
    if (adaptation_ && adaptation_->narrow()) return pacer_.keep_to(*adaptation_->narrow());
    pacer_.follow(video.bytes_per_second() + stream.sound_bytes_per_second());
}

bool Viewer::send_video(const MediaRing& ring, PacketOutput& out) {
    const auto before = video_->key_frame_sent();
    const auto sent = video_->send(ring, out, {.pacer = &pacer_, .until = {}});
    if (video_->key_frame_sent() != before) requests_.key_frame_arrived();
    if (sent == TrackSender::Sent::needs_key_frame && requests_.deadline() == kNever) want_key_frame(*rung_, out.now());
    return sent != TrackSender::Sent::arena_full;
}

// A compound a track (RFC 3550 6.1), of the same instant: all are of one size, and one send.
bool Viewer::send_reports(const LiveStream& stream, PacketOutput& out) {
    const TimePoint now = out.now();
    if (now < next_report_) return true;
    const std::pair<const std::optional<TrackSender>&, const LiveTrack&> tracks[] = {{video_, stream.video},
                                                                                     {audio_, stream.audio}};
    for (; tracks_reported_ < std::size(tracks); ++tracks_reported_) {
        const auto& [sender, track] = tracks[tracks_reported_];
        const auto report = sender ? sender->report(stream, track, now) : std::nullopt;
        if (report && !send_report(*report, out)) return false;
    }
    tracks_reported_ = 0;
    const bool first = reports_ < settings_.first_reports;
    if (first) ++reports_;
    next_report_ = now + (first ? settings_.first_report_every : settings_.report_every);
    return true;
}

bool Viewer::send_report(const SenderReport& report, PacketOutput& out) {
    ByteWriter compound;
    write_sender_report(compound, report);
    write_source_description(compound, report.ssrc, cname_);
    const auto size = out.write_rtcp(compound.view(), ciphers_.rtcp_out);
    rtcp_bytes_ += size.value_or(0);
    return size.has_value();
}

Result<> Viewer::on_rtcp(std::span<std::uint8_t> datagram, const LiveStream& stream, TimePoint now) {
    auto plain = ciphers_.rtcp_in.unprotect(datagram);
    if (!plain) {
        ++rejected_rtcp_;
        return tl::unexpected(std::move(plain).error());
    }
    auto messages = read_rtcp(*plain);
    if (!messages) {
        ++rejected_rtcp_;
        return tl::unexpected(std::move(messages).error());
    }
    for (const RtcpMessage& message : *messages) on_message(message, stream, now);
    return {};
}

void Viewer::on_message(const RtcpMessage& message, const LiveStream& stream, TimePoint now) {
    std::visit(
        [&](const auto& said) {
            using Said = std::decay_t<decltype(said)>;
            if constexpr (std::is_same_v<Said, Nack>) on_nack(said, now);
            if constexpr (std::is_same_v<Said, KeyFrameRequest>) on_key_frame_request(said.ssrc, stream, now);
            if constexpr (std::is_same_v<Said, ReportBlock>) on_report_block(said, stream, now);
            if constexpr (std::is_same_v<Said, BitrateEstimate>) on_bitrate(said, now);
            if constexpr (std::is_same_v<Said, TransportFeedback>) on_feedback(said, stream, now);
            if constexpr (std::is_same_v<Said, Bye>) gone_ = true;
        },
        message);
}

void Viewer::on_nack(const Nack& nack, TimePoint now) {
    if (audio_ && audio_->ssrc() == nack.ssrc) audio_->on_lost(nack.lost);
    if (!video_ || video_->ssrc() != nack.ssrc) return;
    if (!pauses()) video_->on_lost(nack.lost);
    if (!adaptation_) return;
    const std::uint64_t packets = video_->counters().packets;
    adaptation_->link().on_nack(nack.lost.size(), packets - std::exchange(packets_at_nack_, packets), now);
}

void Viewer::on_bitrate(const BitrateEstimate& said, TimePoint now) {
    estimate_.on_bitrate(said, now);
    if (adaptation_) adaptation_->link().on_bitrate(said.bits_per_second, now);
}

// The first to tell of a queue that grows: every frame more is one that the next picture waits behind.
void Viewer::on_feedback(const TransportFeedback& feedback, const LiveStream& stream, TimePoint now) {
    if (!adaptation_) return;
    adaptation_->link().on_feedback(feedback, now);
    look(stream, now);
}

void Viewer::on_report_block(const ReportBlock& block, const LiveStream& stream, TimePoint now) {
    const auto& counting = video_ ? video_ : audio_;
    if (!counting || counting->ssrc() != block.ssrc) return;
    estimate_.on_report(block, stream.ntp(now));
    if (adaptation_) adaptation_->link().on_loss_reported(estimate_.loss(), now);
}

void Viewer::on_key_frame_request(std::uint32_t ssrc, const LiveStream& stream, TimePoint now) {
    if (!video_ || !video_->owns(ssrc)) return;
    ++key_frame_requests_;
    if (!rung_) return;
    if (pauses()) return want_key_frame(adaptation_->move()->to, now);
    const KeyFrameWish wish{video_->cursor(), video_->key_frame_sent(), estimate_.round_trip()};
    const MediaRing* const ring = video_ring(stream);
    const bool served = video_->entered() && ring != nullptr && is_served_by(*ring, wish, now);
    if (!served) want_key_frame(*rung_, now);
}

void Viewer::want_key_frame(RungId of, TimePoint now) {
    if (requested_ != of) requests_ = KeyFrameRequests(settings_.wish_again);
    requested_ = of;
    if (requests_.want(now)) wish_ = true;
}

std::optional<RungId> Viewer::take_key_frame_wish() {
    return std::exchange(wish_, false) ? std::optional(requested_) : std::nullopt;
}

TimePoint Viewer::urgent_deadline() const {
    if (gone_) return kNever;
    for (const auto* track : {&video_, &audio_})
        if (*track && (*track)->owes_resends()) return TimePoint::min();
    const bool catches_up = video_ && video_->entered() && video_->catching_up() && !pauses();
    return std::min(catches_up ? pacer_.ready_at() : kNever, adaptation_ ? adaptation_->probe_at() : kNever);
}

TimePoint Viewer::deadline() const {
    return gone_ ? kNever : std::min({urgent_deadline(), next_report_, requests_.deadline()});
}

ViewerStats Viewer::stats(TimePoint now) const {
    ViewerStats stats{.bytes = rtcp_bytes_,
                      .key_frame_requests = key_frame_requests_,
                      .climbs = climbs_,
                      .descents = descents_,
                      .rejected_rtcp = rejected_rtcp_,
                      .loss = estimate_.loss(),
                      .round_trip = estimate_.round_trip(),
                      .bits_per_second = estimate_.bits_per_second(now, settings_.estimate_keeps)};
    for (const auto* track : {&video_, &audio_}) {
        if (!*track) continue;
        const TrackCounters counters = (*track)->counters();
        stats.packets += counters.packets;
        stats.bytes += counters.bytes;
        stats.resent += counters.resent;
        stats.refused += counters.refused;
        stats.restarts += counters.restarts;
    }
    return stats;
}

}  // namespace millrace::webrtc
