// SPDX-License-Identifier: LGPL-2.1-or-later
// From a publisher's offer to our answer (RFC 3264, RFC 9429 5.3; WHIP, RFC 9725 4.2): what it sends of the codecs that
// are accepted is received, each section with one codec; all others are rejected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "webrtc/core/publisher/reception_terms.hpp"
#include "webrtc/core/sdp/feedback_choice.hpp"
#include "webrtc/core/sdp/ice_fragment.hpp"
#include "webrtc/core/sdp/local_transport.hpp"
#include "webrtc/core/sdp/offer.hpp"
#include "webrtc/core/sdp/peer_transport.hpp"

namespace millrace::webrtc {

struct ReceptionWishes {
    // Best first: the first that a section offers is the one that it is answered with.
    std::vector<Codec> codecs{Codec::h264, Codec::h265, Codec::av1, Codec::vp9, Codec::vp8, Codec::opus};
    std::uint64_t max_bitrate = 0;  // of a video section, bit/s; 0 = no limit
};

inline constexpr std::size_t kMostPublished = 8;  // sections that are taken
inline constexpr std::size_t kMostLayers = 6;     // of a section

// A section that is received.
struct ReceivedMedia {
    Codec codec = Codec::h264;
    PayloadType payload_type;  // as offered, with the feedback that we agree to
    std::string fmtp;          // as answered
    std::optional<std::uint8_t> rtx_payload_type;
    FeedbackKinds feedback;
    IncomingExtensions extensions;
    bool reduced_size_rtcp = false;
    std::vector<std::string> layers;  // of simulcast, as the publisher orders them
    std::vector<std::string> paused;  // of them, those that begin later
    // What the publisher says its packets will carry, as far as no other section has said so before.
    std::vector<std::uint32_t> sources;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> repeated;
};

struct PublishSection {
    std::string kind;
    std::string protocol;
    std::string formats;                      // as offered, for one that is rejected
    std::string mid;                          // "" is possible where there is no bundle
    std::optional<ReceivedMedia> received{};  // empty: rejected
    std::optional<PayloadType> offered{};     // of one that is rejected, the codec that it names first
};

struct PublishAnswer : PeerSide {
    std::vector<PublishSection> sections;  // one for each of the offer's, in its order (RFC 3264 6)
    std::uint64_t max_bitrate = 0;
};

// Fails with refused when there is nothing in the offer that we could receive: then it says what is in the way, or
// which codecs are accepted and which are offered. Video and audio are received when only one of them can be.
Result<PublishAnswer> negotiate_reception(const Offer& offer, const ReceptionWishes& wishes);

// `session_id` is below 2^63 and another for each session (RFC 9429 5.2.1).
std::string publish_answer_text(const PublishAnswer& answer, const LocalTransport& local, std::uint64_t session_id);

// What the core needs to know to receive it: a track for each section, or for each layer of one. `cname` and
// `local_ssrc` are ours, in reports.
ReceptionTerms reception_terms(const PublishAnswer& answer, std::string cname, std::uint32_t local_ssrc);

// The section that stands for the transport: the first that is received (RFC 9143 7.1.2).
FragmentSection transport_section(const PublishAnswer& answer);

}  // namespace millrace::webrtc
