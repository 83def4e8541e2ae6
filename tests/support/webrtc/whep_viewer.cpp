// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/whep_viewer.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "tests/support/webrtc/receiver_feedback.hpp"
#include "webrtc/core/ice/demultiplex.hpp"
#include "webrtc/core/rtp/rtcp_wire.hpp"

namespace millrace::webrtc::test {

namespace {

constexpr std::uint32_t kOwnSsrc = 1;
constexpr Duration kReportInterval = 1s;
constexpr Duration kFirstReport = 200ms;
constexpr Duration kNackPatience = 10ms;  // packets may overtake each other
constexpr Duration kNackInterval = 100ms;
constexpr Duration kNackGivesUp = 1s;
constexpr std::size_t kMostMissing = 1000;  // more is not loss, it is another stream
constexpr std::size_t kMostInNack = 200;
constexpr std::int64_t kVideoClock = 90'000;

}  // namespace

Result<std::unique_ptr<WhepViewer>> WhepViewer::make(std::shared_ptr<const DtlsIdentity> identity,
                                                     const WhepViewerOptions& options, DelayHistogram* delays) {
    auto self = PeerLink::make_self(*identity);
    if (!self) return tl::unexpected(std::move(self.error()));
    return std::unique_ptr<WhepViewer>(new WhepViewer(std::move(identity), options, delays, std::move(*self)));
}

WhepViewer::WhepViewer(std::shared_ptr<const DtlsIdentity> identity, const WhepViewerOptions& options,
                       DelayHistogram* delays, PeerIdentity self)
    : link_(std::move(identity), std::move(self)),
      options_(options),
      delays_(delays),
      frames_(options.nack ? kNackGivesUp : 20ms),
      random_(options.random * 2654435761U | 1) {}

// -- descriptions ----------------------------------------------------------------------------------------------------

std::string WhepViewer::offer() const {
    return offer_text(options_.abilities, link_.self());
}

Result<> WhepViewer::accept(std::string_view answer) {
    auto remote = read_remote_description(answer);
    if (!remote) return tl::unexpected(std::move(remote.error()));
    remote_ = std::move(*remote);
    meanings_ = payload_meanings(remote_);
    return {};
}

Result<std::string> WhepViewer::answer(std::string_view offer) {
    if (auto accepted = accept(offer); !accepted) return tl::unexpected(std::move(accepted.error()));
    return answer_text(remote_, link_.self());
}

// -- connecting ------------------------------------------------------------------------------------------------------

void WhepViewer::start(TimePoint now) {
    link_.start(remote_, now);
    on_link(now);
}

void WhepViewer::on_link(TimePoint now) {
    std::ranges::move(link_.take_output(), std::back_inserter(output_));
    if (auto keys = link_.take_keys()) secure(*keys, now);
    if (state() == State::failed) next_report_ = next_nack_ = kNever;
}

void WhepViewer::secure(const SrtpKeys& keys, TimePoint now) {
    auto rtp = SrtpReceiver::make(keys.profile, keys.server.rtp);
    auto rtcp = SrtcpReceiver::make(keys.profile, keys.server.rtcp);
    auto feedback = SrtcpSender::make(keys.profile, keys.client.rtcp);
    if (!rtp || !rtcp || !feedback) return link_.fail_with("no memory for ciphers");
    secured_.emplace(Secured{std::move(*rtp), std::move(*rtcp), std::move(*feedback)});
    next_report_ = now + kFirstReport;
    connected_at_ = now;
}

// -- what comes in ---------------------------------------------------------------------------------------------------

void WhepViewer::receive(std::span<std::uint8_t> datagram, TimePoint now) {
    if (state() == State::joining || state() == State::failed) return;
    switch (demultiplex(datagram)) {
        case Traffic::stun:
            link_.on_stun(datagram, now);
            return on_link(now);
        case Traffic::dtls:
            link_.on_dtls(datagram, now);
            return on_link(now);
        case Traffic::rtp:
            return on_rtp(datagram, now);
        case Traffic::rtcp:
            return on_rtcp(datagram, now);
        case Traffic::unknown:
            return;
    }
}

// Xorshift: the same viewers lose the same packets in every run.
bool WhepViewer::lose() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    return random_ < options_.loss * 4294967295.0;
}

void WhepViewer::on_rtp(std::span<std::uint8_t> packet, TimePoint now) {
    const auto view = view_rtp(packet);
    if (!view || !secured_) return;
    if (options_.loss > 0 && lose()) {
        ++counts_.simulated_losses;
        return;
    }
    const PayloadMeaning& meaning = meanings_[view->payload_type];
    if (meaning.kind == PayloadMeaning::Kind::unknown) {
        ++counts_.unknown_packets;
    } else if (meaning.kind == PayloadMeaning::Kind::rtx) {
        on_rtx(packet, *view, meaning.codec, now);
    } else {
        on_media(packet, *view, meaning, now);
    }
}

std::optional<ByteView> WhepViewer::open(std::span<std::uint8_t> packet, const RtpView& view) {
    auto payload = secured_->rtp.open(packet, view);
    if (!payload) ++counts_.auth_failures;
    return payload;
}

void WhepViewer::on_media(std::span<std::uint8_t> packet, const RtpView& view, const PayloadMeaning& meaning,
                          TimePoint now) {
    std::optional<ByteView> payload;
    if (options_.decrypt && !(payload = open(packet, view))) return;
    if (first_packet_at_ == kNever) first_packet_at_ = now;
    ++counts_.packets;
    counts_.bytes += packet.size();
    if (meaning.kind == PayloadMeaning::Kind::audio) {
        audio_.ssrc = view.ssrc;
        audio_.arrivals.add(view.sequence);
        return;
    }
    ++counts_.video_packets;
    video_.ssrc = view.ssrc;
    note_frame(view, now);
    if (payload) payload = payload_of(packet.first(view.header_size + payload->size()), view);
    on_video(view.sequence, view.marker, meaning.codec, payload, now);
}

// RFC 4588 4: behind the header stands the sequence number of the packet that this one repeats. The marker is its, too.
void WhepViewer::on_rtx(std::span<std::uint8_t> packet, const RtpView& view, Codec codec, TimePoint now) {
    ++counts_.retransmissions;
    const auto payload = open(packet, view);
    if (!payload) return;
    ByteReader in(payload_of(packet.first(view.header_size + payload->size()), view));
    const std::uint16_t sequence = in.u16();
    if (!in.failed()) on_video(sequence, view.marker, codec, in.rest(), now);
}

void WhepViewer::on_video(std::uint16_t sequence, bool marker, Codec codec, std::optional<ByteView> payload,
                          TimePoint now) {
    const auto [kind, index, skipped] = video_.arrivals.add(sequence);
    if (kind == Arrivals::Kind::duplicate || kind == Arrivals::Kind::too_old) return;
    if (options_.nack) {
        if (auto found = missing_.find(index); found != missing_.end()) {
            if (found->second.asked != TimePoint::min()) ++counts_.recovered;
            missing_.erase(found);
        }
        if (skipped > 0 && skipped < kMostMissing) {
            for (std::uint64_t each = index - skipped; each < index; ++each) missing_.emplace(each, Missing{now});
            next_nack_ = std::min(next_nack_, now + kNackPatience);
        }
    }
    if (options_.decrypt && payload) frames_.add(index, marker, contents_of(codec, *payload), now);
}

void WhepViewer::note_frame(const RtpView& view, TimePoint now) {
    const bool first = counts_.frames == 0;
    if (!first && static_cast<std::int32_t>(view.timestamp - frame_timestamp_) <= 0) return;
    if (first) first_timestamp_ = view.timestamp;
    ++counts_.frames;
    frame_timestamp_ = view.timestamp;
    if (delays_ == nullptr) return;
    const std::int64_t media_time =
        static_cast<std::int64_t>(view.timestamp - first_timestamp_) * 1'000'000'000 / kVideoClock;
    const std::int64_t transit = now.time_since_epoch().count() - media_time;
    fastest_ = std::min(fastest_.value_or(transit), transit);
    delays_->add(Duration(transit - *fastest_));
}

void WhepViewer::on_rtcp(std::span<std::uint8_t> packet, TimePoint now) {
    if (!secured_) return;
    auto plain = secured_->rtcp.unprotect(packet);
    if (!plain) {
        ++counts_.auth_failures;
        return;
    }
    ByteReader in(*plain);
    in.skip(1);
    if (in.u8() != static_cast<std::uint8_t>(RtcpType::sender_report)) return;
    in.skip(2);
    const std::uint32_t ssrc = in.u32();
    in.skip(2);
    const std::uint32_t middle_of_ntp = in.u32();
    if (in.failed()) return;
    ++counts_.sender_reports;
    if (ssrc != video_.ssrc) return;
    last_report_ = middle_of_ntp;
    last_report_at_ = now;
}

// -- what goes out ---------------------------------------------------------------------------------------------------

TimePoint WhepViewer::deadline() const {
    return std::min({link_.deadline(), next_report_, next_nack_});
}

void WhepViewer::on_timer(TimePoint now) {
    link_.on_timer(now);
    on_link(now);
    if (now >= next_report_) report(now);
    if (now >= next_nack_) ask_again(now);
}

void WhepViewer::report(TimePoint now) {
    next_report_ = now + kReportInterval;
    std::vector<ReportBlock> blocks;
    for (const Track* track : {&video_, &audio_}) {
        if (track->ssrc == 0) continue;
        ReportBlock block;
        block.ssrc = track->ssrc;
        block.cumulative_lost = static_cast<std::int32_t>(track->arrivals.expected() - track->arrivals.received());
        block.highest_sequence = static_cast<std::uint32_t>(track->arrivals.highest());
        if (track == &video_ && last_report_ != 0) {
            block.last_report = last_report_;
            block.since_last_report =
                static_cast<std::uint32_t>((now - last_report_at_).count() * 65536 / 1'000'000'000);
        }
        blocks.push_back(block);
    }
    ByteWriter rtcp;
    write_receiver_report(rtcp, kOwnSsrc, blocks);
    if (video_.ssrc != 0 && options_.remb > 0) write_remb(rtcp, kOwnSsrc, video_.ssrc, options_.remb);
    if (video_.ssrc != 0 && options_.pli && options_.decrypt && frames_.key_frames() == 0)
        write_pli(rtcp, kOwnSsrc, video_.ssrc);
    send_feedback(rtcp.view());
}

void WhepViewer::ask_again(TimePoint now) {
    next_nack_ = kNever;
    std::erase_if(missing_, [&](const auto& entry) { return now - entry.second.since > kNackGivesUp; });
    std::vector<std::uint16_t> lost;
    for (auto& [index, missing] : missing_) {
        if (missing.asked == TimePoint::min() || now - missing.asked >= kNackInterval) {
            if (lost.size() == kMostInNack) break;
            missing.asked = now;
            lost.push_back(static_cast<std::uint16_t>(index));
        }
        next_nack_ = std::min(next_nack_, missing.asked + kNackInterval);
    }
    if (lost.empty()) return;
    counts_.nacks += lost.size();
    ByteWriter rtcp;
    write_nack(rtcp, kOwnSsrc, video_.ssrc, lost);
    send_feedback(rtcp.view());
}

void WhepViewer::send_feedback(ByteView rtcp) {
    Bytes datagram(rtcp.size() + srtcp_overhead(SrtpProfile::aead_aes_128_gcm));
    datagram.resize(secured_->feedback.protect(rtcp, datagram));
    if (!datagram.empty()) output_.push_back(std::move(datagram));
}

}  // namespace millrace::webrtc::test
