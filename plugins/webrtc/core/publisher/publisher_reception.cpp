// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/publisher_reception.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "webrtc/core/publisher/retransmission.hpp"
#include "webrtc/core/rtp/rtcp_feedback_writer.hpp"
#include "webrtc/core/rtp/rtcp_reader.hpp"
#include "webrtc/core/rtp/transport_feedback_writer.hpp"

namespace millrace::webrtc {

namespace {

constexpr Duration kFirstReport = 200ms;  // soon: the sender learns its round trip by it
constexpr Duration kReportInterval = 1s;
constexpr Duration kBitrateInterval = 250ms;
constexpr Duration kBitrateRepeated = 1s;

Result<> check(const ReceptionTerms& terms) {
    if (terms.tracks.empty() || terms.tracks.size() > PublisherReception::kMaxTracks)
        return fail(Fault::bad_input, "a publisher has between 1 and 64 tracks");
    for (const IncomingTrack& track : terms.tracks) {
        if (track.codecs.empty()) return fail(Fault::bad_input, "a track without a codec: " + track.mid);
        for (const IncomingCodec& codec : track.codecs)
            if (codec.clock_rate == 0) return fail(Fault::bad_input, "a codec without a clock rate: " + track.mid);
    }
    return {};
}

bool all_reduced(const ReceptionTerms& terms) {
    return std::ranges::all_of(terms.tracks, &IncomingTrack::reduced_size_rtcp);
}

}  // namespace

Result<PublisherReception> PublisherReception::make(ReceptionTerms terms, const SrtpKeys& keys) {
    if (auto checked = check(terms); !checked) return tl::unexpected(std::move(checked).error());
    auto rtp_in = SrtpReceiver::make(keys.profile, keys.client.rtp);
    if (!rtp_in) return tl::unexpected(std::move(rtp_in).error());
    auto rtcp_in = SrtcpReceiver::make(keys.profile, keys.client.rtcp);
    if (!rtcp_in) return tl::unexpected(std::move(rtcp_in).error());
    auto rtcp_out = SrtcpSender::make(keys.profile, keys.server.rtcp);
    if (!rtcp_out) return tl::unexpected(std::move(rtcp_out).error());
    return PublisherReception(std::make_shared<const ReceptionTerms>(std::move(terms)), std::move(*rtp_in),
                              std::move(*rtcp_in), std::move(*rtcp_out));
}

PublisherReception::PublisherReception(std::shared_ptr<const ReceptionTerms> terms, SrtpReceiver rtp_in,
                                       SrtcpReceiver rtcp_in, SrtcpSender rtcp_out)
    : terms_(std::move(terms)),
      rtp_in_(std::move(rtp_in)),
      rtcp_in_(std::move(rtcp_in)),
      output_(std::move(rtcp_out), terms_->local_ssrc, terms_->cname, all_reduced(*terms_)),
      routing_(terms_),
      tracks_(terms_->tracks.begin(), terms_->tracks.end()),
      sender_times_(tracks_.size()),
      commands_(tracks_.size()),
      gone_(tracks_.size()),
      uses_transport_cc_(terms_->extensions.transport_cc != 0 &&
                         std::ranges::any_of(terms_->tracks, &IncomingTrack::transport_cc)),
      uses_remb_(std::ranges::any_of(terms_->tracks, &IncomingTrack::remb) &&
                 (!uses_transport_cc_ || terms_->most_bitrate > 0)),
      bitrate_(terms_->most_bitrate) {}

// ---- packets --------------------------------------------------------------------------------------------------------

std::optional<PublisherReception::Packet> PublisherReception::on_rtp(std::span<std::uint8_t> datagram, TimePoint now) {
    const auto rtp = decrypt(datagram);
    if (!rtp) return {};
    const auto packet = read_rtp_packet(*rtp);
    if (!packet) {
        ++counted_.malformed;
        return {};
    }
    // Also of what is dropped: it has arrived.
    log_arrival(*packet, rtp->size(), now);
    const auto route = this->route(*packet);
    if (!route) return {};
    auto out =
        route->retransmission ? on_retransmission(*route, *rtp, *packet, now) : on_original(*route, *rtp, *packet, now);
    ask(route->track, now);
    output_.flush();
    return out;
}

std::optional<std::span<std::uint8_t>> PublisherReception::decrypt(std::span<std::uint8_t> datagram) {
    const auto rtp = rtp_in_.unprotect(datagram);
    if (rtp) return *rtp;
    switch (rtp.error()) {
        case SrtpRefusal::malformed:
            ++counted_.malformed;
            break;
        case SrtpRefusal::forged:
            ++counted_.forged;
            break;
        case SrtpRefusal::replayed:
            ++counted_.replayed;
            break;
        case SrtpRefusal::too_many_sources:
            ++counted_.too_many_sources;
            break;
    }
    return {};
}

void PublisherReception::log_arrival(const RtpPacket& packet, std::size_t size, TimePoint now) {
    if (uses_transport_cc_) {
        const auto number = packet.extension(terms_->extensions.transport_cc);
        if (number && number->size() >= 2) {
            arrivals_.on_packet(ByteReader(*number).u16(), now);
            newest_ssrc_ = packet.ssrc;
        }
    }
    if (!uses_remb_) return;
    std::optional<std::uint32_t> sent;
    if (const auto time = packet.extension(terms_->extensions.abs_send_time); time && time->size() == 3)
        sent = ByteReader(*time).u24();
    bitrate_.on_packet(size, sent, now);
    if (bitrate_due_ == kNever) bitrate_due_ = now + kBitrateInterval;
}

std::optional<TrackRouting::Route> PublisherReception::route(const RtpPacket& packet) {
    const auto route = routing_.route(packet);
    if (route) return *route;
    ++(route.error() == TrackRouting::Refusal::wrong_type ? counted_.wrong_type : counted_.unknown_source);
    return {};
}

std::optional<PublisherReception::Packet> PublisherReception::on_original(const TrackRouting::Route& route,
                                                                          ByteView rtp, const RtpPacket& packet,
                                                                          TimePoint now) {
    TrackReception& track = tracks_[route.track];
    if (route.new_source) {
        track.on_new_source(route.codec->clock_rate);
        sender_times_[route.track].reset();
        gone_[route.track] = false;
        report_due_ = std::min(report_due_, now + kFirstReport);
    }
    if (!track.on_packet(packet, rtp.size(), now)) return {};
    return Packet{route.track, route.codec, rtp, false};
}

std::optional<PublisherReception::Packet> PublisherReception::on_retransmission(const TrackRouting::Route& route,
                                                                                std::span<std::uint8_t> rtp,
                                                                                const RtpPacket& packet,
                                                                                TimePoint now) {
    const auto original = unwrap_retransmission(rtp, packet, route.ssrc, route.codec->payload_type);
    if (!original) {
        ++counted_.padding;
        return {};
    }
    const std::uint16_t sequence = ByteReader(ByteView(*original).subspan(2, 2)).u16();
    if (!tracks_[route.track].on_recovered(sequence, original->size(), now)) return {};
    return Packet{route.track, route.codec, *original, true};
}

// ---- what the publisher reports -------------------------------------------------------------------------------------

bool PublisherReception::on_rtcp(std::span<std::uint8_t> datagram, TimePoint now) {
    const auto plain = rtcp_in_.unprotect(datagram);
    auto messages = plain ? read_rtcp(*plain) : tl::unexpected(plain.error());
    if (!messages) {
        ++counted_.rejected_rtcp;
        return true;
    }
    bool stays = true;
    for (const RtcpMessage& message : *messages) {
        if (const auto* report = std::get_if<SenderReport>(&message)) on_sender_report(*report, now);
        if (const auto* bye = std::get_if<Bye>(&message)) stays = !says_goodbye(*bye) && stays;
    }
    return stays;
}

void PublisherReception::on_sender_report(const SenderReport& report, TimePoint now) {
    const auto track = routing_.track_heard_from(report.ssrc);
    if (!track) return;
    tracks_[*track].report().on_sender_report(report.ntp, now);
    // A sender that has no clock says 0 (RFC 3550 6.4.1).
    if (report.ntp.value != 0) sender_times_[*track] = SenderTime{*track, report.timestamp, report.ntp};
}

// True when nothing is left of what was heard.
bool PublisherReception::says_goodbye(const Bye& bye) {
    for (std::uint32_t ssrc : bye.ssrcs)
        if (const auto track = routing_.track_heard_from(ssrc)) gone_[*track] = true;
    bool heard = false;
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
        if (!routing_.heard_source_of(i)) continue;
        heard = true;
        if (!gone_[i]) return false;
    }
    return heard;
}

std::vector<PublisherReception::SenderTime> PublisherReception::take_sender_times() {
    std::vector<SenderTime> times;
    for (auto& time : sender_times_)
        if (time) times.push_back(*std::exchange(time, std::nullopt));
    return times;
}

// ---- what the publisher is asked for --------------------------------------------------------------------------------

void PublisherReception::want_key_frame(std::size_t track, TimePoint now) {
    if (track >= tracks_.size()) return;
    tracks_[track].key_frames().want(now);
    ask_for_key_frame(track, now);
    output_.flush();
}

void PublisherReception::key_frame_arrived(std::size_t track) {
    if (track < tracks_.size()) tracks_[track].key_frames().key_frame_arrived();
}

void PublisherReception::ask(std::size_t track, TimePoint now) {
    ask_for_packets(track, now);
    ask_for_key_frame(track, now);
}

void PublisherReception::ask_for_packets(std::size_t track, TimePoint now) {
    const auto& numbers = tracks_[track].due(now);
    const auto source = routing_.heard_source_of(track);
    if (numbers.empty() || !source) return;
    write_nack(output_.feedback(), terms_->local_ssrc, *source, numbers);
}

// Not before it is known whom to ask; the wish waits.
bool PublisherReception::can_ask_for_key_frame(std::size_t track) const {
    const IncomingTrack& terms = terms_->tracks[track];
    return (terms.pli || terms.fir) && routing_.source_of(track).has_value();
}

void PublisherReception::ask_for_key_frame(std::size_t track, TimePoint now) {
    KeyFrameDemand& demand = tracks_[track].key_frames();
    if (!can_ask_for_key_frame(track)) return;
    const bool repeats = demand.is_repeated();
    if (!demand.poll(now)) return;
    const std::uint32_t source = *routing_.source_of(track);
    if (terms_->tracks[track].pli) {
        write_picture_loss(output_.feedback(), terms_->local_ssrc, source);
    } else {
        if (!repeats) ++commands_[track];
        write_full_intra_request(output_.feedback(), terms_->local_ssrc, source, commands_[track]);
    }
}

// ---- what the publisher is told -------------------------------------------------------------------------------------

TimePoint PublisherReception::deadline() const {
    TimePoint earliest = std::min({arrivals_.deadline(), bitrate_due_, report_due_});
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
        earliest = std::min(earliest, tracks_[i].deadline());
        if (can_ask_for_key_frame(i)) earliest = std::min(earliest, tracks_[i].key_frames().deadline());
    }
    return earliest;
}

void PublisherReception::on_deadline(TimePoint now) {
    if (now >= report_due_) report(now);
    if (now >= bitrate_due_) tell_bitrate(now);
    for (std::size_t i = 0; i < tracks_.size(); ++i) ask(i, now);
    if (now >= arrivals_.deadline()) tell_arrivals();
    output_.flush();
}

void PublisherReception::report(TimePoint now) {
    constexpr std::size_t kMostBlocks = 31;
    std::vector<ReportBlock> blocks;
    double most_lost = 0;
    for (std::size_t i = 0; i < tracks_.size() && blocks.size() < kMostBlocks; ++i) {
        const auto source = routing_.heard_source_of(i);
        if (!source) continue;
        blocks.push_back(tracks_[i].report().take(*source, now));
        most_lost = std::max(most_lost, blocks.back().fraction_lost / 256.0);
    }
    output_.report(blocks);
    bitrate_.on_loss(most_lost);
    report_due_ = now + kReportInterval;
}

void PublisherReception::tell_arrivals() {
    while (const auto feedback = arrivals_.take()) {
        write_transport_feedback(output_.feedback(), terms_->local_ssrc, newest_ssrc_, *feedback);
        ++counted_.transport_feedbacks;
    }
}

// Repeated once a second; at once where it changes by a twentieth.
void PublisherReception::tell_bitrate(TimePoint now) {
    bitrate_due_ = now + kBitrateInterval;
    BitrateEstimate estimate;
    if (uses_transport_cc_) {
        estimate.bits_per_second = terms_->most_bitrate;
    } else {
        bitrate_.update(now);
        estimate.bits_per_second = bitrate_.bits_per_second();
    }
    const std::uint64_t told = counted_.bitrate_estimate;
    const std::uint64_t change = std::max(told, estimate.bits_per_second) - std::min(told, estimate.bits_per_second);
    if (bitrate_told_ && now - *bitrate_told_ < kBitrateRepeated && change <= told / 20) return;
    for (std::size_t i = 0; i < tracks_.size(); ++i)
        if (const auto source = routing_.heard_source_of(i)) estimate.ssrcs.push_back(*source);
    if (estimate.ssrcs.empty()) return;
    write_bitrate_estimate(output_.feedback(), terms_->local_ssrc, estimate);
    ++counted_.bitrate_estimates;
    counted_.bitrate_estimate = estimate.bits_per_second;
    bitrate_told_ = now;
}

ReceptionStats PublisherReception::stats() const {
    ReceptionStats stats = counted_;
    for (const TrackReception& track : tracks_) stats.tracks.push_back(track.stats());
    return stats;
}

}  // namespace millrace::webrtc
