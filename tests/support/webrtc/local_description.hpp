// SPDX-License-Identifier: LGPL-2.1-or-later
// What a peer says of itself: the offer of a viewer that joins by WHEP, the answer of one to whom a server offers, and
// the offer of a publisher.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/webrtc/remote_description.hpp"
#include "webrtc/core/sdp/stream_format.hpp"
#include "webrtc/core/secure/fingerprint.hpp"
#include "webrtc/core/secure/random.hpp"

namespace millrace::webrtc::test {

struct ViewerAbilities {
    std::vector<Codec> video = {Codec::h264, Codec::vp8, Codec::vp9, Codec::av1};  // in the order of preference
    bool audio = true;
    bool rtx = true;
    bool mid = true;
    bool abs_send_time = true;
    bool transport_cc = false;
};

struct PublisherAbilities {
    std::optional<Codec> video = Codec::h264;
    bool audio = true;
    std::vector<std::string> layers;  // RIDs of simulcast, the largest picture last
    bool rtx = true;
    bool remb = true;
    bool transport_cc = true;
    bool announces_sources = true;  // by a=ssrc; not where there are layers
};

// The numbers of header extensions in a publisher's offer.
inline constexpr std::uint8_t kTransportCcId = 3;
inline constexpr std::uint8_t kMidId = 4;
inline constexpr std::uint8_t kRidId = 10;
inline constexpr std::uint8_t kRepairedRidId = 11;

struct PeerIdentity {
    IceCredentials ice;
    Fingerprint fingerprint;
};

std::string offer_text(const ViewerAbilities& abilities, const PeerIdentity& identity);
std::string publish_offer_text(const PublisherAbilities& abilities, const PeerIdentity& identity);
// Takes all that is offered, as the active side of DTLS.
std::string answer_text(const RemoteDescription& offer, const PeerIdentity& identity);

}  // namespace millrace::webrtc::test
