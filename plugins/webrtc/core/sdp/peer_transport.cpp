// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/peer_transport.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace millrace::webrtc {

namespace {

constexpr std::size_t kMostNames = 16;

// RFC 8827 6.5 leaves only protected media; browsers write the first of these.
bool is_secure(const MediaSection& section) {
    return section.protocol == "UDP/TLS/RTP/SAVPF" || section.protocol == "TCP/DTLS/RTP/SAVPF" ||
           section.protocol == "RTP/SAVPF";
}

}  // namespace

std::string_view transport_obstacle(const Offer& offer, const MediaSection& section) {
    if (offer.ice_lite) return "both sides are ICE-lite";
    if (!is_secure(section)) return "the media is not DTLS-SRTP with feedback (UDP/TLS/RTP/SAVPF)";
    if (section.ufrag.empty() || section.password.empty()) return "no ice-ufrag and ice-pwd";
    if (!section.fingerprint) return "no SHA-256 fingerprint";
    if (section.setup != Setup::actpass && section.setup != Setup::active)
        return "setup is not actpass or active, and here is the DTLS server";
    if (!section.rtcp_mux) return "no rtcp-mux";
    return {};
}

bool shares_transport(const Offer& offer, const MediaSection* first, const MediaSection& section) {
    return first == nullptr || (offer.bundles(first->mid) && offer.bundles(section.mid));
}

PeerSide peer_side(const Offer& offer, const MediaSection& first) {
    return {offer.bundles(first.mid), first.ufrag, first.password, *first.fingerprint};
}

std::optional<PayloadType> first_codec(const MediaSection& section) {
    for (const PayloadType& type : section.payload_types)
        if (!type.codec.empty()) return type;
    return {};
}

std::string codecs_offered(const Offer& offer, Direction one_way, std::string_view nothing) {
    std::vector<std::string_view> names;
    for (const MediaSection& section : offer.media) {
        if (section.direction != one_way && section.direction != Direction::sendrecv) continue;
        for (const PayloadType& type : section.payload_types)
            if (!type.codec.empty() && names.size() < kMostNames && std::ranges::find(names, type.codec) == names.end())
                names.push_back(type.codec);
    }
    std::string text;
    for (std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
    return text.empty() ? std::string(nothing) : text;
}

}  // namespace millrace::webrtc
