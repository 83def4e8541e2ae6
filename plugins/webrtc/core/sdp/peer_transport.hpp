// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a section of an offer can be connected to, and which of them are one transport: the same for who watches and
// who publishes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "webrtc/core/sdp/offer.hpp"
#include "webrtc/core/secure/fingerprint.hpp"

namespace millrace::webrtc {

// What stands in the way of connecting, as words for the peer; empty when nothing does.
std::string_view transport_obstacle(const Offer& offer, const MediaSection& section);

// There is one transport: what is not bundled with the first section that is taken cannot be. `first` may be null.
bool shares_transport(const Offer& offer, const MediaSection* first, const MediaSection& section);

// The peer's side of the connection, in whatever answer.
struct PeerSide {
    bool bundled = false;  // what is taken, in one group
    std::string peer_ufrag;
    std::string peer_password;
    Fingerprint peer_fingerprint;
};
// Of the first section that is taken, which nothing stands in the way of.
PeerSide peer_side(const Offer& offer, const MediaSection& first);

// Of a section that is rejected, the codec that it names first: aiortc takes no section without any.
std::optional<PayloadType> first_codec(const MediaSection& section);

// The names of the codecs in those sections whose direction is one of two, each once and not endlessly many; `nothing`
// when there are none.
std::string codecs_offered(const Offer& offer, Direction one_way, std::string_view nothing);

}  // namespace millrace::webrtc
