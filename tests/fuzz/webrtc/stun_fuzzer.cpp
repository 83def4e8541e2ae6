// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a datagram, and any bytes as the attributes of a check that is signed as it should be: what is not
// vouched for is met with silence, and no answer is larger than it may be.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "webrtc/core/ice/demultiplex.hpp"
#include "webrtc/core/ice/stun_server.hpp"

using namespace millrace;
using namespace millrace::webrtc;

namespace {

constexpr std::string_view kPassword = "fuzzed-password-of-ours!";

std::string_view password_of(std::string_view ufrag) {
    return ufrag == "ufrag" ? kPassword : std::string_view();
}

// Type, length and value of each attribute from the bytes; then what makes it a check of the viewer's.
Bytes signed_check(ByteView attributes) {
    static std::uint16_t none[] = {0};
    StunAgent agent;
    stun_agent_init(
        &agent, none, STUN_COMPATIBILITY_RFC5389,
        static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT));
    Bytes buffer(1400);
    StunMessage message{};
    stun_agent_init_request(&agent, &message, buffer.data(), buffer.size(), STUN_BINDING);
    const std::string username = "ufrag:peer";
    stun_message_append_bytes(&message, STUN_ATTRIBUTE_USERNAME, username.data(), username.size());
    for (ByteReader in(attributes); !in.empty();) {
        const auto type = static_cast<StunAttribute>(in.u16());
        ByteView value = in.take(std::min<std::size_t>(in.u8(), in.remaining()));
        stun_message_append_bytes(&message, type, value.data(), value.size());
    }
    std::array<std::uint8_t, kPassword.size()> key{};
    std::copy(kPassword.begin(), kPassword.end(), key.begin());
    buffer.resize(stun_agent_finish_message(&agent, &message, key.data(), key.size()));
    return buffer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    ByteView bytes(data + 1, size - 1);
    // In memory of its own size, so that reading behind it is seen.
    const Bytes datagram = data[0] % 2 == 0 ? Bytes(bytes.begin(), bytes.end()) : signed_check(bytes);
    (void)demultiplex(datagram);
    StunServer server;
    TransportAddress from;
    from.is_v6 = (data[0] & 2) != 0;
    StunOutcome outcome = server.receive(datagram, from, password_of);
    if (outcome.check && (outcome.reply.empty() || outcome.check->local_ufrag != "ufrag")) std::abort();
    if (outcome.reply.size() > 256) std::abort();
    return 0;
}
