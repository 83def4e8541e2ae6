// SPDX-License-Identifier: LGPL-2.1-or-later
// Our answer to a viewer as plain data, and its text: what is sent, under which numbers, and where the viewer finds us.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webrtc/core/sdp/codec_choice.hpp"
#include "webrtc/core/sdp/extension_choice.hpp"
#include "webrtc/core/sdp/feedback_choice.hpp"
#include "webrtc/core/sdp/local_transport.hpp"
#include "webrtc/core/sdp/offer.hpp"
#include "webrtc/core/sdp/peer_transport.hpp"
#include "webrtc/core/sdp/stream_format.hpp"
#include "webrtc/core/secure/fingerprint.hpp"

namespace millrace::webrtc {

// How the viewer tells our streams apart.
struct SourceNames {
    std::uint64_t session_id = 0;  // RFC 9429 5.2.1: below 2^63, and another for each session
    std::string cname;
    std::string stream_id;  // the same for audio and video: they are played together
    std::uint32_t video_ssrc = 0;
    std::uint32_t video_rtx_ssrc = 0;
    std::uint32_t audio_ssrc = 0;
};

// A section that is sent.
struct ServedMedia {
    Codec codec = Codec::h264;
    std::uint8_t profile = 0;  // the stream's
    Fit fit = Fit::exact;
    PayloadType payload_type;  // as offered, with the feedback that we agree to
    std::string fmtp;          // as answered
    std::optional<std::uint8_t> rtx_payload_type;
    FeedbackKinds feedback;
    ExtensionIds extensions;
    bool reduced_size_rtcp = false;  // RFC 5506: a packet need not begin with a report
    std::uint32_t ssrc = 0;
    std::uint32_t rtx_ssrc = 0;  // with rtx_payload_type
};

struct AnswerSection {
    std::string kind;
    std::string protocol;
    std::string formats;  // as offered, for one that is rejected
    std::string mid;
    std::optional<ServedMedia> served;  // empty: rejected
    // Of one that is rejected, the codec that the viewer likes best: aiortc takes no section without any.
    std::optional<PayloadType> offered{};
};

struct Answer : PeerSide {
    std::vector<AnswerSection> sections;  // one for each of the offer's, in its order (RFC 3264 6)

    [[nodiscard]] const ServedMedia* video() const { return served("video"); }
    [[nodiscard]] const ServedMedia* audio() const { return served("audio"); }

  private:
    [[nodiscard]] const ServedMedia* served(std::string_view kind) const {
        for (const AnswerSection& section : sections)
            if (section.served && section.kind == kind) return &*section.served;
        return nullptr;
    }
};

std::string answer_text(const Answer& answer, const LocalTransport& local, const SourceNames& names);

}  // namespace millrace::webrtc
