// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/reception.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "webrtc/core/sdp/extension_choice.hpp"
#include "webrtc/core/sdp/peer_transport.hpp"
#include "webrtc/core/sdp/publisher_codec.hpp"

namespace millrace::webrtc {

namespace {

bool publisher_sends(const MediaSection& section) {
    return section.direction == Direction::sendonly || section.direction == Direction::sendrecv;
}

// Layers that nothing in their packets tells apart are no layers: without the extensions the publisher sends one
// stream. One that is not announced to be sent is not (RFC 8853 5.2).
std::vector<std::string> agreed_layers(const MediaSection& section, const IncomingExtensions& extensions) {
    std::vector<std::string> layers;
    if (extensions.mid == 0 || extensions.rid == 0) return layers;
    for (const std::string& layer : section.layers) {
        const bool is_sent = std::ranges::find(section.sent_streams, layer) != section.sent_streams.end();
        if (is_sent && layers.size() < kMostLayers) layers.push_back(layer);
    }
    return layers;
}

class Reception {
  public:
    Reception(const Offer& offer, const ReceptionWishes& wishes) : offer_(offer), wishes_(wishes) {
        answer_.max_bitrate = wishes.max_bitrate;
    }

    Result<PublishAnswer> run() {
        for (const MediaSection& section : offer_.media) {
            PublishSection answered{section.kind, section.protocol, section.formats, section.mid, received(section)};
            if (!answered.received) answered.offered = first_codec(section);
            answer_.sections.push_back(std::move(answered));
        }
        if (first_ == nullptr) return fail(Fault::refused, why_nothing());
        static_cast<PeerSide&>(answer_) = peer_side(offer_, *first_);
        return std::move(answer_);
    }

  private:
    std::optional<ReceivedMedia> received(const MediaSection& section) {
        const bool is_media = section.kind == "video" || section.kind == "audio";
        if (!is_media || section.rejected || !publisher_sends(section) || taken_ == kMostPublished ||
            !shares_transport(offer_, first_, section))
            return {};
        if (std::string_view found = transport_obstacle(offer_, section); !found.empty()) {
            obstacle_ = found;
            return {};
        }
        const auto choice = choose_publisher_codec(section, wishes_.codecs);
        if (!choice) return {};
        if (first_ == nullptr) first_ = &section;
        ++taken_;
        return receive(section, *choice);
    }

    ReceivedMedia receive(const MediaSection& section, const PublisherCodec& choice) {
        ReceivedMedia media;
        media.codec = choice.codec;
        media.payload_type = *choice.primary;
        media.fmtp = requested_fmtp(choice);
        const bool feeds_back = feedback_kinds(choice.primary->feedback).transport_cc;
        media.extensions = choose_incoming(section.extensions, feeds_back, extensions_);
        agree_feedback(media, section.kind == "video");
        // Retransmissions without the request for them are nothing.
        if (choice.rtx != nullptr && media.feedback.nack) media.rtx_payload_type = choice.rtx->number;
        media.reduced_size_rtcp = section.rtcp_rsize;
        if (section.kind == "video") media.layers = agreed_layers(section, media.extensions);
        media.paused = section.paused;
        take_sources(media, section);
        return media;
    }

    // Two schemes of congestion control at once disagree; but a limit is told by REMB alone.
    void agree_feedback(ReceivedMedia& media, bool is_video) const {
        FeedbackKinds wanted{.nack = true, .pli = true, .fir = true, .remb = true, .transport_cc = true};
        wanted.transport_cc = media.extensions.transport_cc != 0;
        wanted.remb = !wanted.transport_cc || (is_video && wishes_.max_bitrate > 0);
        media.payload_type.feedback = agreed_feedback(media.payload_type.feedback, wanted);
        media.feedback = feedback_kinds(media.payload_type.feedback);
    }

    // A source belongs to the section that names it first.
    void take_sources(ReceivedMedia& media, const MediaSection& section) {
        std::set<std::uint32_t> repeating;
        for (const auto& [primary, rtx] : section.repeated) {
            const bool is_new = primary != rtx && !sources_.contains(primary) && !sources_.contains(rtx) &&
                                !repeating.contains(primary) && repeating.insert(rtx).second;
            if (is_new) media.repeated.emplace_back(primary, rtx);
        }
        for (std::uint32_t source : section.sources)
            if (!repeating.contains(source) && sources_.insert(source).second) media.sources.push_back(source);
        for (const auto& [primary, rtx] : media.repeated) sources_.insert({primary, rtx});
    }

    [[nodiscard]] std::string why_nothing() const {
        if (!obstacle_.empty()) return "cannot answer the offer: " + std::string(obstacle_);
        std::string ours;
        for (Codec codec : wishes_.codecs) ours += (ours.empty() ? "" : ", ") + std::string(rtp_name(codec));
        if (std::ranges::none_of(offer_.media, publisher_sends))
            return "the offer sends nothing: its sections are to be sendonly, of " + ours;
        return "the publisher sends none of the accepted codecs, which are " + ours + "; it offers " +
               codecs_offered(offer_, Direction::sendonly, "nothing to send");
    }

    const Offer& offer_;
    const ReceptionWishes& wishes_;
    PublishAnswer answer_;
    const MediaSection* first_ = nullptr;  // the first that is received
    std::size_t taken_ = 0;
    IncomingExtensions extensions_;    // of all sections
    std::set<std::uint32_t> sources_;  // that a section has named
    std::string_view obstacle_;
};

IncomingTrack track_of(const PublishSection& section, const std::string& layer) {
    const ReceivedMedia& media = *section.received;
    IncomingTrack track;
    track.video = section.kind == "video";
    track.mid = section.mid;
    track.rid = layer;
    track.codecs.push_back({media.payload_type.number, media.codec, media.payload_type.clock_rate,
                            media.rtx_payload_type, media.payload_type.fmtp});
    // Which of the sources is which layer is for the packets to say.
    if (layer.empty()) {
        track.ssrcs = media.sources;
        track.rtx_of = media.repeated;
    }
    track.nack = media.feedback.nack;
    track.pli = media.feedback.pli;
    track.fir = media.feedback.fir;
    track.remb = media.feedback.remb;
    track.transport_cc = media.feedback.transport_cc;
    track.reduced_size_rtcp = media.reduced_size_rtcp;
    return track;
}

}  // namespace

Result<PublishAnswer> negotiate_reception(const Offer& offer, const ReceptionWishes& wishes) {
    return Reception(offer, wishes).run();
}

ReceptionTerms reception_terms(const PublishAnswer& answer, std::string cname, std::uint32_t local_ssrc) {
    ReceptionTerms terms;
    terms.cname = std::move(cname);
    terms.local_ssrc = local_ssrc;
    terms.most_bitrate = answer.max_bitrate;
    auto add = [](std::uint8_t& to, std::uint8_t id) { to = to != 0 ? to : id; };
    for (const PublishSection& section : answer.sections) {
        if (!section.received) continue;
        const ReceivedMedia& media = *section.received;
        add(terms.extensions.mid, media.extensions.mid);
        add(terms.extensions.rid, media.extensions.rid);
        add(terms.extensions.repaired_rid, media.extensions.repaired_rid);
        add(terms.extensions.transport_cc, media.extensions.transport_cc);
        add(terms.extensions.abs_send_time, media.extensions.abs_send_time);
        if (media.layers.empty()) terms.tracks.push_back(track_of(section, ""));
        for (const std::string& layer : media.layers) terms.tracks.push_back(track_of(section, layer));
    }
    return terms;
}

FragmentSection transport_section(const PublishAnswer& answer) {
    for (const PublishSection& section : answer.sections)
        if (section.received) return {section.kind, section.protocol, section.mid};
    return {};
}

}  // namespace millrace::webrtc
