// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/answer.hpp"

#include <string_view>
#include <utility>

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

void put_session(std::string& out, const Answer& answer, const SourceNames& names) {
    put(out, {"v=0"});
    put(out, {"o=- ", std::to_string(names.session_id), " 1 IN IP4 0.0.0.0"});
    put(out, {"s=-"});
    put(out, {"t=0 0"});
    put(out, {"a=ice-lite"});
    // A PATCH with candidates is taken (RFC 8840), though they say nothing that checks do not.
    put(out, {"a=ice-options:trickle"});
    if (!answer.bundled) return;
    std::string bundle;
    for (const AnswerSection& section : answer.sections)
        if (section.served) bundle += " " + section.mid;
    put(out, {"a=group:BUNDLE", bundle});
}

// In every section: all are one transport, but who reads the second without the first is not surprised.
void put_transport(std::string& out, const LocalTransport& local) {
    put_credentials(out, local);
    put(out, {"a=fingerprint:sha-256 ", to_text(local.fingerprint)});
    put(out, {"a=setup:passive"});
    put(out, {"a=rtcp-mux"});
}

void put_rtpmap(std::string& out, const PayloadType& type) {
    put(out, {"a=rtpmap:", std::to_string(type.number), " ", type.codec, "/", std::to_string(type.clock_rate),
              type.channels > 1 ? "/" + std::to_string(type.channels) : ""});
}

// Browsers ask for no transport here. webrtcbin takes no answer with a section that has none, rejected or not.
void put_rejected(std::string& out, const AnswerSection& section, const LocalTransport& local) {
    put(out, {"m=", section.kind, " 0 ", section.protocol, " ", section.formats});
    put(out, {"c=IN IP4 0.0.0.0"});
    if (!section.mid.empty()) put(out, {"a=mid:", section.mid});
    put(out, {"a=inactive"});
    if (section.offered) put_rtpmap(out, *section.offered);
    put_transport(out, local);
}

void put_payload_types(std::string& out, const ServedMedia& media) {
    const PayloadType& type = media.payload_type;
    const std::string number = std::to_string(type.number);
    put_rtpmap(out, type);
    if (!media.fmtp.empty()) put(out, {"a=fmtp:", number, " ", media.fmtp});
    for (const std::string& feedback : type.feedback) put(out, {"a=rtcp-fb:", number, " ", feedback});
    if (!media.rtx_payload_type) return;
    const std::string rtx = std::to_string(*media.rtx_payload_type);
    put(out, {"a=rtpmap:", rtx, " rtx/", std::to_string(type.clock_rate)});
    put(out, {"a=fmtp:", rtx, " apt=", number});
}

void put_extensions(std::string& out, const ExtensionIds& ids) {
    auto extension = [&out](std::uint8_t id, std::string_view uri) {
        if (id != 0) put(out, {"a=extmap:", std::to_string(id), " ", uri});
    };
    extension(ids.mid, kMidUri);
    extension(ids.abs_send_time, kAbsSendTimeUri);
    extension(ids.transport_cc, kTransportCcUri);
    extension(ids.playout_delay, kPlayoutDelayUri);
}

// RFC 5576: the sources by number, and which of them repeats which.
void put_sources(std::string& out, const AnswerSection& section, const SourceNames& names) {
    const ServedMedia& media = *section.served;
    const std::string msid = names.stream_id + " " + section.kind;
    put(out, {"a=msid:", msid});
    const std::string ssrc = std::to_string(media.ssrc);
    const std::string rtx = std::to_string(media.rtx_ssrc);
    if (media.rtx_payload_type) put(out, {"a=ssrc-group:FID ", ssrc, " ", rtx});
    auto source = [&](const std::string& number) {
        put(out, {"a=ssrc:", number, " cname:", names.cname});
        put(out, {"a=ssrc:", number, " msid:", msid});
    };
    source(ssrc);
    if (media.rtx_payload_type) source(rtx);
}

}  // namespace

std::string answer_text(const Answer& answer, const LocalTransport& local, const SourceNames& names) {
    std::string out;
    put_session(out, answer, names);
    const HostCandidate* candidate = default_candidate(local);
    const std::string port = std::to_string(candidate != nullptr ? candidate->port : 9);
    bool first = true;
    for (const AnswerSection& section : answer.sections) {
        if (!section.served) {
            put_rejected(out, section, local);
            continue;
        }
        const ServedMedia& media = *section.served;
        put(out, {"m=", section.kind, " ", port, " ", section.protocol, " ", std::to_string(media.payload_type.number),
                  media.rtx_payload_type ? " " + std::to_string(*media.rtx_payload_type) : ""});
        put_connection(out, candidate);
        put(out, {"a=mid:", section.mid});
        put(out, {"a=sendonly"});
        put_transport(out, local);
        if (media.reduced_size_rtcp) put(out, {"a=rtcp-rsize"});
        put_payload_types(out, media);
        put_extensions(out, media.extensions);
        put_sources(out, section, names);
        // RFC 9143 7.1.2: the bundle's transport is the first section's.
        if (std::exchange(first, false)) put_candidates(out, local);
    }
    return out;
}

}  // namespace millrace::webrtc
