// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/negotiation.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "webrtc/core/sdp/format_parameters.hpp"

namespace millrace::webrtc {

namespace {

bool viewer_receives(const MediaSection& section) {
    return section.direction == Direction::recvonly || section.direction == Direction::sendrecv;
}

// RFC 8827 6.5 leaves only protected media; browsers write the first of these.
bool is_secure(const MediaSection& section) {
    return section.protocol == "UDP/TLS/RTP/SAVPF" || section.protocol == "TCP/DTLS/RTP/SAVPF" ||
           section.protocol == "RTP/SAVPF";
}

// What stands in the way of serving it, as words for the viewer; empty when nothing does.
std::string_view obstacle(const Offer& offer, const MediaSection& section) {
    if (offer.ice_lite) return "both sides are ICE-lite";
    if (!is_secure(section)) return "the media is not DTLS-SRTP with feedback (UDP/TLS/RTP/SAVPF)";
    if (section.ufrag.empty() || section.password.empty()) return "no ice-ufrag and ice-pwd";
    if (!section.fingerprint) return "no SHA-256 fingerprint";
    if (section.setup != Setup::actpass && section.setup != Setup::active) return "setup is not actpass or active";
    if (!section.rtcp_mux) return "no rtcp-mux";
    if (section.mid.empty()) return "no mid";
    return {};
}

FeedbackKinds feedback_kinds(const std::vector<std::string>& feedback) {
    auto has = [&feedback](std::string_view name) { return std::ranges::find(feedback, name) != feedback.end(); };
    return {has("nack"), has("nack pli"), has("ccm fir"), has("goog-remb"), has("transport-cc")};
}

// Of what is offered, what we act on; congestion control only with the extension that it needs.
std::vector<std::string> agreed_feedback(const std::vector<std::string>& offered, const ExtensionIds& extensions) {
    std::vector<std::string> agreed;
    for (const std::string& feedback : offered) {
        const bool known = feedback == "nack" || feedback == "nack pli" || feedback == "ccm fir" ||
                           (feedback == "goog-remb" && extensions.abs_send_time != 0) ||
                           (feedback == "transport-cc" && extensions.transport_cc != 0);
        if (known && std::ranges::find(agreed, feedback) == agreed.end()) agreed.push_back(feedback);
    }
    return agreed;
}

// What was offered is what the viewer can be sure to understand. Only stereo has to be said: decoders take what is not
// said for mono (RFC 7587 7.1).
std::string answered_fmtp(const PayloadType& offered, const StreamFormat& stream) {
    std::string fmtp = offered.fmtp;
    if (stream.codec != Codec::opus || stream.channels != 2) return fmtp;
    for (std::string_view name : {"stereo", "sprop-stereo"})
        if (!parameter_of(fmtp, name)) fmtp += (fmtp.empty() ? "" : ";") + std::string(name) + "=1";
    return fmtp;
}

ServedMedia serve(const MediaSection& section, const CodecChoice& choice, const StreamFormat& stream,
                  const SourceNames& names, const Wishes& wishes) {
    ServedMedia media;
    media.codec = stream.codec;
    media.profile = stream.profile;
    media.fit = choice.fit;
    media.extensions = choose_extensions(section.extensions, wishes.extensions);
    media.payload_type = *choice.primary;
    media.payload_type.feedback = agreed_feedback(choice.primary->feedback, media.extensions);
    media.feedback = feedback_kinds(media.payload_type.feedback);
    media.fmtp = answered_fmtp(*choice.primary, stream);
    const bool is_video = section.kind == "video";
    media.reduced_size_rtcp = section.rtcp_rsize;
    media.ssrc = is_video ? names.video_ssrc : names.audio_ssrc;
    // Retransmissions without the request for them are nothing; of audio we make none.
    if (is_video && choice.rtx != nullptr && media.feedback.nack) {
        media.rtx_payload_type = choice.rtx->number;
        media.rtx_ssrc = names.video_rtx_ssrc;
    }
    return media;
}

class Negotiation {
  public:
    Negotiation(const Offer& offer, const Streams& streams, const SourceNames& names, const Wishes& wishes)
        : offer_(offer), streams_(streams), names_(names), wishes_(wishes) {}

    Result<Answer> run() {
        for (const MediaSection& section : offer_.media) {
            AnswerSection answered{section.kind, section.protocol, section.formats, section.mid, served(section)};
            auto named =
                std::ranges::find_if(section.payload_types, [](const auto& type) { return !type.codec.empty(); });
            if (!answered.served && named != section.payload_types.end()) answered.offered = *named;
            answer_.sections.push_back(std::move(answered));
        }
        if (first_ == nullptr) return fail(Fault::refused, why_nothing());
        answer_.bundled = offer_.bundles(first_->mid);
        answer_.peer_ufrag = first_->ufrag;
        answer_.peer_password = first_->password;
        answer_.peer_fingerprint = *first_->fingerprint;
        return std::move(answer_);
    }

  private:
    std::optional<ServedMedia> served(const MediaSection& section) {
        const std::vector<StreamFormat> encodings = encodings_for(section.kind);
        bool& kind_served = section.kind == "video" ? video_served_ : audio_served_;
        if (encodings.empty() || kind_served || section.rejected || !viewer_receives(section) || !fits_bundle(section))
            return {};
        if (std::string_view found = obstacle(offer_, section); !found.empty()) {
            obstacle_ = found;
            return {};
        }
        for (const StreamFormat& encoding : encodings) {
            auto choice = choose_codec(section, encoding);
            if (!choice) continue;
            if (first_ == nullptr) first_ = &section;
            kind_served = true;
            return serve(section, *choice, encoding, names_, wishes_);
        }
        return {};
    }

    // In the order that they are tried in.
    [[nodiscard]] std::vector<StreamFormat> encodings_for(std::string_view kind) const {
        std::vector<StreamFormat> encodings;
        if (kind == "video" && streams_.video) {
            encodings.push_back(*streams_.video);
            encodings.insert(encodings.end(), streams_.other_videos.begin(), streams_.other_videos.end());
        }
        if (kind == "audio" && streams_.audio) encodings.push_back(*streams_.audio);
        return encodings;
    }

    // There is one transport: what is not bundled with the first section that is served cannot be.
    [[nodiscard]] bool fits_bundle(const MediaSection& section) const {
        return first_ == nullptr || (offer_.bundles(first_->mid) && offer_.bundles(section.mid));
    }

    [[nodiscard]] std::string why_nothing() const {
        if (!obstacle_.empty()) return "cannot answer the offer: " + std::string(obstacle_);
        std::string ours;
        for (std::string_view kind : {"video", "audio"})
            for (const StreamFormat& encoding : encodings_for(kind))
                ours += (ours.empty() ? "" : " and ") + std::string(rtp_name(encoding.codec));
        if (ours.empty()) return "there is nothing to send yet";
        return "the viewer does not receive " + ours + "; it offers " + offered_codecs();
    }

    [[nodiscard]] std::string offered_codecs() const {
        std::vector<std::string_view> names;
        for (const MediaSection& section : offer_.media)
            for (const PayloadType& type : section.payload_types)
                if (viewer_receives(section) && !type.codec.empty() && names.size() < 16 &&
                    std::ranges::find(names, type.codec) == names.end())
                    names.push_back(type.codec);
        std::string text;
        for (std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
        return text.empty() ? "nothing to receive" : text;
    }

    const Offer& offer_;
    const Streams& streams_;
    const SourceNames& names_;
    const Wishes& wishes_;
    Answer answer_;
    const MediaSection* first_ = nullptr;  // the first that is served
    bool video_served_ = false;
    bool audio_served_ = false;
    std::string_view obstacle_;
};

}  // namespace

Result<Answer> negotiate(const Offer& offer, const Streams& streams, const SourceNames& names, const Wishes& wishes) {
    return Negotiation(offer, streams, names, wishes).run();
}

}  // namespace millrace::webrtc
