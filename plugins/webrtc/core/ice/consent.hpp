// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a peer still wants to be sent to, and where (RFC 7675, RFC 8445 7.3.1.5): what its authenticated checks say.
// Nothing else moves a peer; a datagram with a forged source could otherwise turn a stream on anyone.
#pragma once

#include <optional>

#include "common/base/time.hpp"
#include "webrtc/core/ice/transport_address.hpp"

namespace millrace::webrtc {

enum class Liveness {
    alive,
    never_connected,  // its handshake did not end in time
    consent_lost,     // nothing has been heard of it for too long
};

// How long to wait for a peer.
struct Patience {
    // RFC 7675 5.1: consent lasts 30 seconds. Browsers check every 2 to 5.
    Duration consent_for = 30s;
    // From the offer to keys. A browser that gets that far at all needs one second or two.
    Duration connect_within = 15s;
};

class Consent {
  public:
    static constexpr Duration kConsentFor = Patience{}.consent_for;
    static constexpr Duration kConnectWithin = Patience{}.connect_within;

    explicit Consent(TimePoint created, Patience patience = {})
        : patience_(patience), created_(created), checked_(created) {}

    // A check that StunServer answered. Returns true when the viewer is now at another address than before, be it the
    // first: that of the first check, then only that of one which nominates its pair.
    bool on_check(const TransportAddress& from, bool use_candidate, TimePoint now);
    // It has sent media, or reports on it, that nobody else has the keys for. Peers that are no browsers, such as
    // GStreamer's, check while they connect and never again.
    void on_media(TimePoint now);
    // The keys are there.
    void on_connected() { connected_ = true; }

    [[nodiscard]] const std::optional<TransportAddress>& address() const { return address_; }
    [[nodiscard]] Liveness liveness(TimePoint now) const;
    // When liveness() changes if nothing happens.
    [[nodiscard]] TimePoint deadline() const;

  private:
    Patience patience_;
    TimePoint created_;
    TimePoint checked_;  // or heard, the last time
    bool connected_ = false;
    std::optional<TransportAddress> address_;
};

}  // namespace millrace::webrtc
