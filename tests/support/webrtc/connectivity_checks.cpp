// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/connectivity_checks.hpp"

#include <utility>

namespace millrace::webrtc::test {

namespace {

constexpr std::size_t kMaxRequest = 700;
// RFC 8445 5.1.2.1: a peer-reflexive candidate of the only component.
constexpr std::uint32_t kPriority = 110U << 24 | 65535U << 8 | 255;

}  // namespace

ConnectivityChecks::ConnectivityChecks(const std::string& own_ufrag, IceCredentials peer)
    : peer_(std::move(peer)), username_(peer_.ufrag + ":" + own_ufrag) {
    const auto high = random_u32();
    tie_breaker_ = std::uint64_t{high ? *high : 1} << 32 | 1;
    stun_agent_init(
        &agent_, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
        static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT));
}

Bytes ConnectivityChecks::next() {
    Bytes buffer(kMaxRequest);
    StunMessage request{};
    stun_agent_init_request(&agent_, &request, buffer.data(), buffer.size(), STUN_BINDING);
    stun_message_append32(&request, STUN_ATTRIBUTE_PRIORITY, kPriority);
    stun_message_append64(&request, STUN_ATTRIBUTE_ICE_CONTROLLING, tie_breaker_);
    stun_message_append_flag(&request, STUN_ATTRIBUTE_USE_CANDIDATE);
    stun_message_append_bytes(&request, STUN_ATTRIBUTE_USERNAME, username_.data(), username_.size());
    // The agent keeps a pointer to the password until the answer is there.
    buffer.resize(stun_agent_finish_message(&agent_, &request, reinterpret_cast<std::uint8_t*>(peer_.password.data()),
                                            peer_.password.size()));
    return buffer;
}

ConnectivityChecks::Outcome ConnectivityChecks::receive(ByteView datagram) {
    StunMessage answer{};
    const auto validity = stun_agent_validate(&agent_, &answer, datagram.data(), datagram.size(), nullptr, nullptr);
    if (validity == STUN_VALIDATION_UNAUTHORIZED) return Outcome::forged;
    if (validity != STUN_VALIDATION_SUCCESS) return Outcome::nothing;
    switch (stun_message_get_class(&answer)) {
        case STUN_RESPONSE:
            return Outcome::success;
        case STUN_ERROR:
            return Outcome::refused;
        default:
            return Outcome::nothing;
    }
}

}  // namespace millrace::webrtc::test
