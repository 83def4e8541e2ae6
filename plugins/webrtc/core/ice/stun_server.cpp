// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/ice/stun_server.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace millrace::webrtc {

namespace {

// No check of a browser is larger: credentials, priority, role, and what they measure of the network.
constexpr std::size_t kMaxRequest = 1500;
// A success has 24 bytes of address, 24 of integrity and 8 of fingerprint behind a header of 20.
constexpr std::size_t kMaxReply = 256;
// RFC 8839 5.4: a fragment has 256 characters at most; there are two with a colon.
constexpr std::size_t kMaxUsername = 513;

// What we understand of what must be understood; the agent keeps a pointer to it.
constexpr std::uint16_t kKnownAttributes[] = {STUN_ATTRIBUTE_USERNAME, STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
                                              STUN_ATTRIBUTE_PRIORITY, STUN_ATTRIBUTE_USE_CANDIDATE, 0};

struct Lookup {
    const StunServer::PasswordOf& password_of;
    std::string username;
    bool found = false;
};

// libnice asks this for the password that a message must have been signed with.
bool find_password(StunAgent*, StunMessage*, std::uint8_t* username, std::uint16_t length, std::uint8_t** password,
                   std::size_t* password_length, void* user_data) {
    auto& lookup = *static_cast<Lookup*>(user_data);
    if (username == nullptr || length > kMaxUsername) return false;
    lookup.username.assign(reinterpret_cast<const char*>(username), length);
    const std::size_t colon = lookup.username.find(':');
    if (colon == std::string::npos) return false;
    std::string_view found = lookup.password_of(std::string_view(lookup.username).substr(0, colon));
    if (found.empty()) return false;
    lookup.found = true;
    // It does not write there, but its signature is older than const.
    *password = reinterpret_cast<std::uint8_t*>(const_cast<char*>(found.data()));
    *password_length = found.size();
    return true;
}

// RFC 8489 14.2: what the port and the address are hidden with from routers that rewrite them, the magic cookie and the
// transaction's id, is the header from its fifth byte on.
Bytes xor_mapped_address(const StunMessage& request, const TransportAddress& from) {
    constexpr std::uint8_t v4 = 1;
    constexpr std::uint8_t v6 = 2;
    const std::uint8_t* mask = request.buffer + 4;
    ByteWriter value(20);
    value.u8(0);
    value.u8(from.is_v6 ? v6 : v4);
    value.u16(from.port ^ (mask[0] << 8 | mask[1]));
    for (std::uint8_t byte : from.bytes()) value.u8(byte ^ *mask++);
    return std::move(value).take();
}

bool says(const StunMessage& message, StunAttribute attribute) {
    std::uint16_t length = 0;
    return stun_message_find(&message, attribute, &length) != nullptr;
}

}  // namespace

StunServer::StunServer() {
    stun_agent_init(
        &agent_, kKnownAttributes, STUN_COMPATIBILITY_RFC5389,
        static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT));
}

StunOutcome StunServer::receive(ByteView datagram, const TransportAddress& from, const PasswordOf& password_of) {
    if (datagram.size() > kMaxRequest) {
        ++counters_.malformed;
        return {};
    }
    StunMessage request{};
    Lookup lookup{password_of, {}, false};
    switch (stun_agent_validate(&agent_, &request, datagram.data(), datagram.size(), find_password, &lookup)) {
        case STUN_VALIDATION_SUCCESS:
            break;
        case STUN_VALIDATION_UNAUTHORIZED:
            ++(lookup.found ? counters_.bad_integrity : counters_.unknown_ufrag);
            return {};
        case STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE:
            ++counters_.ignored;
            return {{}, lookup.found ? refuse_unknown_attributes(request) : Bytes()};
        case STUN_VALIDATION_UNMATCHED_RESPONSE:
            ++counters_.ignored;
            return {};
        default:
            ++counters_.malformed;
            return {};
    }
    // A message that needs no password is an indication or somebody's answer.
    if (!lookup.found || stun_message_get_class(&request) != STUN_REQUEST ||
        stun_message_get_method(&request) != STUN_BINDING) {
        ++counters_.ignored;
        return {};
    }
    // RFC 8445 7.3.1.1: the lite side is the controlled one (6.1.1) and stays it; the other has to change its mind.
    if (says(request, STUN_ATTRIBUTE_ICE_CONTROLLED)) {
        ++counters_.role_conflicts;
        return {{}, refuse(request, STUN_ERROR_ROLE_CONFLICT)};
    }
    return answer(request, from, lookup.username);
}

StunOutcome StunServer::answer(const StunMessage& request, const TransportAddress& from, std::string_view username) {
    std::array<std::uint8_t, kMaxReply> buffer{};
    StunMessage reply{};
    const Bytes address = xor_mapped_address(request, from);
    if (!stun_agent_init_response(&agent_, &reply, buffer.data(), buffer.size(), &request) ||
        stun_message_append_bytes(&reply, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, address.data(), address.size()) !=
            STUN_MESSAGE_RETURN_SUCCESS)
        return {};
    // Signs with the request's key, which the message has kept.
    const std::size_t size = stun_agent_finish_message(&agent_, &reply, nullptr, 0);
    if (size == 0) return {};
    ++counters_.answered;

    BindingCheck check;
    const std::size_t colon = username.find(':');
    check.local_ufrag = username.substr(0, colon);
    check.peer_ufrag = username.substr(colon + 1);
    check.use_candidate = says(request, STUN_ATTRIBUTE_USE_CANDIDATE);
    stun_message_find32(&request, STUN_ATTRIBUTE_PRIORITY, &check.priority);
    return {std::move(check), Bytes(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size))};
}

Bytes StunServer::refuse(const StunMessage& request, StunError error) {
    Bytes buffer(kMaxReply);
    StunMessage reply{};
    if (!stun_agent_init_error(&agent_, &reply, buffer.data(), buffer.size(), &request, error)) return {};
    buffer.resize(stun_agent_finish_message(&agent_, &reply, nullptr, 0));
    return buffer;
}

// RFC 8489 6.3.1: 420, with a list of what was not understood.
Bytes StunServer::refuse_unknown_attributes(const StunMessage& request) {
    Bytes buffer(kMaxReply);
    StunMessage reply{};
    buffer.resize(stun_agent_build_unknown_attributes_error(&agent_, &reply, buffer.data(), buffer.size(), &request));
    return buffer;
}

}  // namespace millrace::webrtc
