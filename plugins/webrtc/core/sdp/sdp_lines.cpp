// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/sdp_lines.hpp"

#include <cstddef>
#include <cstdint>

namespace millrace::webrtc {

namespace {

// RFC 8445 5.1.2.1, RFC 6544 4.2: type, direction and the order in which they are given. TCP comes after all UDP.
std::uint32_t priority_of(const HostCandidate& candidate, std::size_t position) {
    constexpr std::uint32_t component = 1;
    const std::uint32_t order = 8191 - static_cast<std::uint32_t>(position % 8192);
    if (candidate.transport == HostCandidate::Transport::udp)
        return 126U << 24 | (57344U + order) << 8 | (256 - component);
    constexpr std::uint32_t passive = 4;
    return 90U << 24 | (passive << 13 | order) << 8 | (256 - component);
}

}  // namespace

// Lines end in CR and LF (RFC 8866 5).
void put(std::string& out, std::initializer_list<std::string_view> parts) {
    for (std::string_view part : parts) out += part;
    out += "\r\n";
}

void put_credentials(std::string& out, const LocalTransport& local) {
    put(out, {"a=ice-ufrag:", local.ufrag});
    put(out, {"a=ice-pwd:", local.password});
}

void put_candidates(std::string& out, const LocalTransport& local) {
    for (std::size_t i = 0; i < local.candidates.size(); ++i) {
        const HostCandidate& candidate = local.candidates[i];
        const bool udp = candidate.transport == HostCandidate::Transport::udp;
        // Candidates of different addresses or transports have different foundations (RFC 8445 5.1.1.3).
        put(out, {"a=candidate:", std::to_string(i + 1), " 1 ", udp ? "udp " : "tcp ",
                  std::to_string(priority_of(candidate, i)), " ", candidate.address, " ",
                  std::to_string(candidate.port), " typ host", udp ? "" : " tcptype passive"});
    }
    put(out, {"a=end-of-candidates"});
}

}  // namespace millrace::webrtc
