// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/whip_publisher.hpp"

#include <algorithm>
#include <iterator>

#include "webrtc/core/ice/demultiplex.hpp"
#include "webrtc/core/rtp/rtcp_reader.hpp"
#include "webrtc/core/rtp/rtcp_writer.hpp"

namespace millrace::webrtc::test {

Result<std::unique_ptr<WhipPublisher>> WhipPublisher::make(std::shared_ptr<const DtlsIdentity> identity,
                                                           const PublisherAbilities& abilities) {
    auto self = PeerLink::make_self(*identity);
    if (!self) return tl::unexpected(std::move(self.error()));
    return std::unique_ptr<WhipPublisher>(new WhipPublisher(std::move(identity), abilities, std::move(*self)));
}

// RFC 3711 3.3.1: a receiver that misses the first roll-over guesses wrong; sequence numbers begin below it.
WhipPublisher::WhipPublisher(std::shared_ptr<const DtlsIdentity> identity, PublisherAbilities abilities,
                             PeerIdentity self)
    : link_(std::move(identity), std::move(self)), abilities_(std::move(abilities)) {
    auto add_video = [&](const std::string& rid) {
        const auto layer = static_cast<std::uint32_t>(2 * sources_.size());
        sources_.push_back({.ssrc = kVideo + layer,
                            .rtx_ssrc = kRtx + layer,
                            .mid = "0",
                            .rid = rid,
                            .next = 30'000,
                            .next_rtx = 100});
    };
    if (abilities_.video && abilities_.layers.empty()) add_video("");
    if (abilities_.video) std::ranges::for_each(abilities_.layers, add_video);
    if (abilities_.audio)
        sources_.push_back({.ssrc = kAudio, .type = kAudioType, .mid = abilities_.video ? "1" : "0", .next = 5});
}

// ---- connecting -----------------------------------------------------------------------------------------------------

Result<> WhipPublisher::accept(std::string_view answer) {
    auto remote = read_remote_description(answer);
    if (!remote) return tl::unexpected(std::move(remote.error()));
    remote_ = std::move(*remote);
    for (const RemoteSection& section : remote_.sections) {
        for (const auto& [id, uri] : section.extensions) agreed_transport_cc_ |= id == kTransportCcId;
        for (const auto& format : section.formats) agreed_rtx_ |= format.number == kRtxType;
    }
    return {};
}

void WhipPublisher::start(TimePoint now) {
    link_.start(remote_, now);
    on_link();
}

void WhipPublisher::on_timer(TimePoint now) {
    link_.on_timer(now);
    on_link();
}

void WhipPublisher::on_link() {
    std::ranges::move(link_.take_output(), std::back_inserter(output_));
    if (auto keys = link_.take_keys()) secure(*keys);
}

void WhipPublisher::secure(const SrtpKeys& keys) {
    auto rtp = SrtpSender::make(keys.profile, keys.client.rtp);
    auto rtcp = SrtcpSender::make(keys.profile, keys.client.rtcp);
    auto feedback = SrtcpReceiver::make(keys.profile, keys.server.rtcp);
    if (!rtp || !rtcp || !feedback) return link_.fail_with("no memory for ciphers");
    secured_.emplace(Secured{keys, std::move(*rtp), std::move(*rtcp), std::move(*feedback)});
}

void WhipPublisher::receive(std::span<std::uint8_t> datagram, TimePoint now) {
    if (state() == State::idle || state() == State::failed) return;
    switch (demultiplex(datagram)) {
        case Traffic::stun:
            link_.on_stun(datagram, now);
            return on_link();
        case Traffic::dtls:
            link_.on_dtls(datagram, now);
            return on_link();
        case Traffic::rtcp:
            return on_rtcp(datagram);
        case Traffic::rtp:
        case Traffic::unknown:
            return;
    }
}

// ---- media ----------------------------------------------------------------------------------------------------------

void WhipPublisher::send(std::size_t track, const Payloads& frame, std::uint32_t timestamp) {
    if (!secured_) return;
    Source& source = sources_[track];
    for (std::size_t i = 0; i < frame.packets.size(); ++i) {
        const ByteView payload = frame.payload(i);
        OutgoingPacket packet{.ssrc = source.ssrc,
                              .type = source.type,
                              .index = source.next++,
                              .timestamp = timestamp,
                              .payload = Bytes(payload.begin(), payload.end()),
                              .extensions = extensions(source),
                              .marker = frame.packets[i].marker};
        ++counts_.packets;
        ++source.packets;
        source.octets += static_cast<std::uint32_t>(payload.size());
        const bool lost = loses(packet);
        counts_.lost += lost ? 1 : 0;
        if (!lost) protect(secured_->rtp, packet);
        if (!lost || !loses_for_good) keep(source, std::move(packet));
    }
}

std::vector<std::pair<std::uint8_t, Bytes>> WhipPublisher::extensions(const Source& source) {
    auto text = [](const std::string& of) { return Bytes(of.begin(), of.end()); };
    std::vector<std::pair<std::uint8_t, Bytes>> all;
    if (agreed_transport_cc_) all.emplace_back(kTransportCcId, big_endian(transport_sequence_++, 2));
    if (source.rid.empty()) return all;
    all.emplace_back(kMidId, text(source.mid));
    all.emplace_back(kRidId, text(source.rid));
    return all;
}

void WhipPublisher::protect(SrtpSender& with, const OutgoingPacket& packet) {
    const Bytes plain = rtp_of(packet);
    const std::size_t header = plain.size() - packet.body_size();
    Bytes datagram(plain.size() + with.overhead());
    datagram.resize(
        with.protect(ByteView(plain).first(header), ByteView(plain).subspan(header), packet.index, datagram));
    if (!datagram.empty()) output_.push_back(std::move(datagram));
}

void WhipPublisher::keep(Source& source, OutgoingPacket packet) {
    const std::uint64_t index = packet.index;
    source.kept.insert_or_assign(index, std::move(packet));
    while (source.kept.size() > kKept) source.kept.erase(source.kept.begin());
}

// ---- reports, and what it is told -----------------------------------------------------------------------------------

void WhipPublisher::report(std::size_t track, std::uint32_t timestamp, NtpTime ntp) {
    const Source& source = sources_[track];
    ByteWriter rtcp;
    write_sender_report(rtcp, {source.ssrc, ntp, timestamp, source.packets, source.octets});
    write_source_description(rtcp, source.ssrc, "publisher");
    send_rtcp(rtcp.view());
}

void WhipPublisher::say_goodbye() {
    std::vector<std::uint32_t> all;
    for (const Source& source : sources_) all.push_back(source.ssrc);
    ByteWriter rtcp;
    write_bye(rtcp, all);
    send_rtcp(rtcp.view());
}

void WhipPublisher::send_rtcp(ByteView plain) {
    if (!secured_) return;
    Bytes datagram(plain.size() + srtcp_overhead(SrtpProfile::aead_aes_128_gcm));
    datagram.resize(secured_->rtcp.protect(plain, datagram));
    if (!datagram.empty()) output_.push_back(std::move(datagram));
}

void WhipPublisher::send_hostile(const OutgoingPacket& packet) {
    if (!secured_) return;
    auto sender = SrtpSender::make(secured_->keys.profile, secured_->keys.client.rtp);
    if (sender) protect(*sender, packet);
}

void WhipPublisher::on_rtcp(std::span<std::uint8_t> datagram) {
    if (!secured_) return;
    const auto plain = secured_->feedback.unprotect(datagram);
    const auto messages = plain ? read_rtcp(*plain) : tl::unexpected(plain.error());
    if (!messages) {
        ++counts_.unreadable;
        return;
    }
    for (const RtcpMessage& message : *messages) on_message(message);
}

void WhipPublisher::on_message(const RtcpMessage& message) {
    if (const auto* nack = std::get_if<Nack>(&message)) {
        Source* source = source_of(nack->ssrc);
        counts_.asked += nack->lost.size();
        if (source == nullptr) return;
        for (std::uint16_t sequence : nack->lost) resend(*source, sequence);
    } else if (const auto* wish = std::get_if<KeyFrameRequest>(&message)) {
        ++counts_.key_frame_requests;
        if (Source* source = source_of(wish->ssrc)) ++source->wishes;
    } else if (const auto* estimate = std::get_if<BitrateEstimate>(&message)) {
        ++counts_.bitrate_estimates;
        bitrate_estimate_ = estimate->bits_per_second;
    } else if (const auto* feedback = std::get_if<TransportFeedback>(&message)) {
        ++counts_.transport_feedbacks;
        counts_.arrivals += feedback->arrivals.size();
    } else if (std::get_if<ReportBlock>(&message) != nullptr) {
        ++counts_.reports;
    }
}

void WhipPublisher::resend(Source& source, std::uint16_t sequence) {
    const auto found = std::ranges::find_if(
        source.kept, [&](const auto& each) { return static_cast<std::uint16_t>(each.first) == sequence; });
    if (found == source.kept.end()) {
        ++counts_.forgotten;
        return;
    }
    ++counts_.retransmissions;
    if (!agreed_rtx_ || source.rtx_ssrc == 0) return protect(secured_->rtp, found->second);
    OutgoingPacket packet = as_retransmission(found->second, source.rtx_ssrc, kRtxType, source.next_rtx++);
    packet.extensions = extensions(source);
    for (auto& [id, data] : packet.extensions)
        if (id == kRidId) id = kRepairedRidId;
    protect(secured_->rtp, packet);
}

WhipPublisher::Source* WhipPublisher::source_of(std::uint32_t ssrc) {
    const auto found = std::ranges::find(sources_, ssrc, &Source::ssrc);
    return found == sources_.end() ? nullptr : &*found;
}

}  // namespace millrace::webrtc::test
