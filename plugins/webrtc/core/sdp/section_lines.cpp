// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/section_lines.hpp"

#include "webrtc/core/sdp/sdp_lines.hpp"

namespace millrace::webrtc {

namespace {

bool is_v6(std::string_view address) {
    return address.find(':') != std::string_view::npos;
}

const HostCandidate* default_candidate(const LocalTransport& local) {
    for (const HostCandidate& candidate : local.candidates)
        if (candidate.transport == HostCandidate::Transport::udp) return &candidate;
    return nullptr;
}

// RFC 8839 4.2.1.2: the connection line and the port are those of the default candidate; without one, port 9 says that
// there is more to come.
void put_connection(std::string& out, const HostCandidate* candidate) {
    if (candidate == nullptr) return put(out, {"c=IN IP4 0.0.0.0"});
    put(out, {"c=IN ", is_v6(candidate->address) ? "IP6 " : "IP4 ", candidate->address});
}

void put_rtpmap(std::string& out, const PayloadType& type) {
    put(out, {"a=rtpmap:", std::to_string(type.number), " ", type.codec, "/", std::to_string(type.clock_rate),
              type.channels > 1 ? "/" + std::to_string(type.channels) : ""});
}

}  // namespace

void put_session(std::string& out, std::uint64_t session_id, const std::vector<std::string_view>& bundle) {
    put(out, {"v=0"});
    put(out, {"o=- ", std::to_string(session_id), " 1 IN IP4 0.0.0.0"});
    put(out, {"s=-"});
    put(out, {"t=0 0"});
    put(out, {"a=ice-lite"});
    // A PATCH with candidates is taken (RFC 8840), though they say nothing that checks do not.
    put(out, {"a=ice-options:trickle"});
    if (bundle.empty()) return;
    std::string mids;
    for (std::string_view mid : bundle) (mids += " ") += mid;
    put(out, {"a=group:BUNDLE", mids});
}

void put_media(std::string& out, std::string_view kind, std::string_view protocol, std::string_view formats,
               const LocalTransport& local) {
    const HostCandidate* candidate = default_candidate(local);
    const std::string port = std::to_string(candidate != nullptr ? candidate->port : 9);
    put(out, {"m=", kind, " ", port, " ", protocol, " ", formats});
    put_connection(out, candidate);
}

// In every section: all are one transport, but who reads the second without the first is not surprised.
void put_transport(std::string& out, const LocalTransport& local) {
    put_credentials(out, local);
    put(out, {"a=fingerprint:sha-256 ", to_text(local.fingerprint)});
    put(out, {"a=setup:passive"});
    put(out, {"a=rtcp-mux"});
}

// Browsers ask for no transport here. webrtcbin takes no answer with a section that has none, rejected or not.
void put_rejected(std::string& out, const RejectedSection& section, const LocalTransport& local) {
    put(out, {"m=", section.kind, " 0 ", section.protocol, " ", section.formats});
    put(out, {"c=IN IP4 0.0.0.0"});
    if (!section.mid.empty()) put(out, {"a=mid:", section.mid});
    put(out, {"a=inactive"});
    if (section.offered != nullptr) put_rtpmap(out, *section.offered);
    put_transport(out, local);
}

void put_payload_types(std::string& out, const PayloadType& type, std::string_view fmtp,
                       std::optional<std::uint8_t> rtx_payload_type) {
    const std::string number = std::to_string(type.number);
    put_rtpmap(out, type);
    if (!fmtp.empty()) put(out, {"a=fmtp:", number, " ", fmtp});
    for (const std::string& feedback : type.feedback) put(out, {"a=rtcp-fb:", number, " ", feedback});
    if (!rtx_payload_type) return;
    const std::string rtx = std::to_string(*rtx_payload_type);
    put(out, {"a=rtpmap:", rtx, " rtx/", std::to_string(type.clock_rate)});
    put(out, {"a=fmtp:", rtx, " apt=", number});
}

std::string formats_of(const PayloadType& type, std::optional<std::uint8_t> rtx_payload_type) {
    return std::to_string(type.number) + (rtx_payload_type ? " " + std::to_string(*rtx_payload_type) : "");
}

void put_extension(std::string& out, std::uint8_t id, std::string_view uri) {
    if (id != 0) put(out, {"a=extmap:", std::to_string(id), " ", uri});
}

}  // namespace millrace::webrtc
