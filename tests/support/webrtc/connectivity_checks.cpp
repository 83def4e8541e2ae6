// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/connectivity_checks.hpp"

#include <array>
#include <utility>

namespace millrace::webrtc::test {

namespace {

constexpr std::size_t kMaxRequest = 700;
// RFC 8445 5.1.2.1: a peer-reflexive candidate of the only component.
constexpr std::uint32_t kPriority = 110U << 24 | 65535U << 8 | 255;

// What requests are signed with. Answers have the key of what they answer.
bool find_own_password(StunAgent*, StunMessage*, std::uint8_t*, std::uint16_t, std::uint8_t** password,
                       std::size_t* size, void* own) {
    auto& credentials = *static_cast<IceCredentials*>(own);
    *password = reinterpret_cast<std::uint8_t*>(credentials.password.data());
    *size = credentials.password.size();
    return true;
}

}  // namespace

ConnectivityChecks::ConnectivityChecks(IceCredentials own, IceCredentials peer)
    : own_(std::move(own)), peer_(std::move(peer)), username_(peer_.ufrag + ":" + own_.ufrag) {
    const auto high = random_u32();
    tie_breaker_ = std::uint64_t{high ? *high : 1} << 32 | 1;
    stun_agent_init(
        &agent_, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
        static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT));
}

Bytes ConnectivityChecks::next(bool nominates) {
    Bytes buffer(kMaxRequest);
    StunMessage request{};
    stun_agent_init_request(&agent_, &request, buffer.data(), buffer.size(), STUN_BINDING);
    stun_message_append32(&request, STUN_ATTRIBUTE_PRIORITY, kPriority);
    stun_message_append64(&request, STUN_ATTRIBUTE_ICE_CONTROLLING, tie_breaker_);
    if (nominates) stun_message_append_flag(&request, STUN_ATTRIBUTE_USE_CANDIDATE);
    stun_message_append_bytes(&request, STUN_ATTRIBUTE_USERNAME, username_.data(), username_.size());
    // The agent keeps a pointer to the password until the answer is there.
    buffer.resize(stun_agent_finish_message(&agent_, &request, reinterpret_cast<std::uint8_t*>(peer_.password.data()),
                                            peer_.password.size()));
    return buffer;
}

ConnectivityChecks::Outcome ConnectivityChecks::receive(ByteView datagram, Bytes& reply) {
    StunMessage message{};
    const auto validity =
        stun_agent_validate(&agent_, &message, datagram.data(), datagram.size(), find_own_password, &own_);
    if (validity != STUN_VALIDATION_SUCCESS && validity != STUN_VALIDATION_UNAUTHORIZED) return Outcome::nothing;
    const bool genuine = validity == STUN_VALIDATION_SUCCESS;
    switch (stun_message_get_class(&message)) {
        case STUN_RESPONSE:
            return genuine ? Outcome::success : Outcome::forged;
        case STUN_ERROR:
            return Outcome::refused;
        case STUN_REQUEST:
            if (genuine) reply = answer(message);
            return Outcome::nothing;
        default:
            return Outcome::nothing;
    }
}

// Where the request came from is not looked at: the peer has learnt that from our own checks.
Bytes ConnectivityChecks::answer(const StunMessage& request) {
    constexpr std::array<std::uint8_t, 8> kNowhere = {0, 1, 0, 0, 0, 0, 0, 0};
    Bytes buffer(kMaxRequest);
    StunMessage reply{};
    if (!stun_agent_init_response(&agent_, &reply, buffer.data(), buffer.size(), &request)) return {};
    stun_message_append_bytes(&reply, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, kNowhere.data(), kNowhere.size());
    buffer.resize(stun_agent_finish_message(&agent_, &reply, nullptr, 0));
    return buffer;
}

}  // namespace millrace::webrtc::test
