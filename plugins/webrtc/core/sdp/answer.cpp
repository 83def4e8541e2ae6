// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/answer.hpp"

#include <string_view>
#include <utility>

#include "webrtc/core/sdp/sdp_lines.hpp"
#include "webrtc/core/sdp/section_lines.hpp"

namespace millrace::webrtc {

namespace {

void put_extensions(std::string& out, const ExtensionIds& ids) {
    put_extension(out, ids.mid, kMidUri);
    put_extension(out, ids.abs_send_time, kAbsSendTimeUri);
    put_extension(out, ids.transport_cc, kTransportCcUri);
    put_extension(out, ids.playout_delay, kPlayoutDelayUri);
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

std::vector<std::string_view> bundle_of(const Answer& answer) {
    std::vector<std::string_view> mids;
    for (const AnswerSection& section : answer.sections)
        if (answer.bundled && section.served) mids.push_back(section.mid);
    return mids;
}

}  // namespace

std::string answer_text(const Answer& answer, const LocalTransport& local, const SourceNames& names) {
    std::string out;
    put_session(out, names.session_id, bundle_of(answer));
    bool first = true;
    for (const AnswerSection& section : answer.sections) {
        if (!section.served) {
            put_rejected(out,
                         {section.kind, section.protocol, section.formats, section.mid,
                          section.offered ? &*section.offered : nullptr},
                         local);
            continue;
        }
        const ServedMedia& media = *section.served;
        put_media(out, section.kind, section.protocol, formats_of(media.payload_type, media.rtx_payload_type), local);
        put(out, {"a=mid:", section.mid});
        put(out, {"a=sendonly"});
        put_transport(out, local);
        if (media.reduced_size_rtcp) put(out, {"a=rtcp-rsize"});
        put_payload_types(out, media.payload_type, media.fmtp, media.rtx_payload_type);
        put_extensions(out, media.extensions);
        put_sources(out, section, names);
        // RFC 9143 7.1.2: the bundle's transport is the first section's.
        if (std::exchange(first, false)) put_candidates(out, local);
    }
    return out;
}

}  // namespace millrace::webrtc
