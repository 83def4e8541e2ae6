// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/negotiation.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "webrtc/core/sdp/format_parameters.hpp"
#include "webrtc/core/sdp/peer_transport.hpp"

namespace millrace::webrtc {

namespace {

bool viewer_receives(const MediaSection& section) {
    return section.direction == Direction::recvonly || section.direction == Direction::sendrecv;
}

// What stands in the way of serving it, as words for the viewer; empty when nothing does.
std::string_view obstacle(const Offer& offer, const MediaSection& section) {
    if (std::string_view found = transport_obstacle(offer, section); !found.empty()) return found;
    return section.mid.empty() ? "no mid" : "";
}

// What we act on; congestion control only with the extension that it needs.
FeedbackKinds wanted_feedback(const ExtensionIds& extensions) {
    return {true, true, true, extensions.abs_send_time != 0, extensions.transport_cc != 0};
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
    media.payload_type.feedback = agreed_feedback(choice.primary->feedback, wanted_feedback(media.extensions));
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
            if (!answered.served) answered.offered = first_codec(section);
            answer_.sections.push_back(std::move(answered));
        }
        if (first_ == nullptr) return fail(Fault::refused, why_nothing());
        static_cast<PeerSide&>(answer_) = peer_side(offer_, *first_);
        return std::move(answer_);
    }

  private:
    std::optional<ServedMedia> served(const MediaSection& section) {
        const std::vector<StreamFormat> encodings = encodings_for(section.kind);
        bool& kind_served = section.kind == "video" ? video_served_ : audio_served_;
        if (encodings.empty() || kind_served || section.rejected || !viewer_receives(section) ||
            !shares_transport(offer_, first_, section))
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

    [[nodiscard]] std::string why_nothing() const {
        if (!obstacle_.empty()) return "cannot answer the offer: " + std::string(obstacle_);
        std::string ours;
        for (std::string_view kind : {"video", "audio"})
            for (const StreamFormat& encoding : encodings_for(kind))
                ours += (ours.empty() ? "" : " and ") + std::string(rtp_name(encoding.codec));
        if (ours.empty()) return "there is nothing to send yet";
        return "the viewer does not receive " + ours + "; it offers " +
               codecs_offered(offer_, Direction::recvonly, "nothing to receive");
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
