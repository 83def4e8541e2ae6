// SPDX-License-Identifier: LGPL-2.1-or-later
// The lines of an answer to a publisher.
#include <algorithm>
#include <string_view>
#include <utility>

#include "webrtc/core/sdp/extension_choice.hpp"
#include "webrtc/core/sdp/reception.hpp"
#include "webrtc/core/sdp/sdp_lines.hpp"
#include "webrtc/core/sdp/section_lines.hpp"

namespace millrace::webrtc {

namespace {

std::vector<std::string_view> bundle_of(const PublishAnswer& answer) {
    std::vector<std::string_view> mids;
    for (const PublishSection& section : answer.sections)
        if (answer.bundled && section.received) mids.push_back(section.mid);
    return mids;
}

// Browsers go by the first (RFC 8866 5.8, in kbit/s), Firefox by the second (RFC 3890 6.2, in bit/s).
void put_limit(std::string& out, std::uint64_t most) {
    constexpr std::uint64_t kilo = 1000;
    if (most == 0) return;
    put(out, {"b=AS:", std::to_string(most / kilo + (most % kilo != 0 ? 1 : 0))});
    put(out, {"b=TIAS:", std::to_string(most)});
}

void put_extensions(std::string& out, const IncomingExtensions& ids) {
    put_extension(out, ids.mid, kMidUri);
    put_extension(out, ids.rid, kStreamNameUri);
    put_extension(out, ids.repaired_rid, kRepairedStreamNameUri);
    put_extension(out, ids.transport_cc, kTransportCcUri);
    put_extension(out, ids.abs_send_time, kAbsSendTimeUri);
}

// RFC 8853 5.3.2: what is offered to be sent is answered as received. One that is paused stays so: when it begins is
// the publisher's choice, and Chromium starts what is answered without the mark.
void put_layers(std::string& out, const ReceivedMedia& media) {
    if (media.layers.empty()) return;
    std::string list;
    for (const std::string& layer : media.layers) {
        put(out, {"a=rid:", layer, " recv"});
        const bool is_paused = std::ranges::find(media.paused, layer) != media.paused.end();
        list += (list.empty() ? "" : ";") + std::string(is_paused ? "~" : "") + layer;
    }
    put(out, {"a=simulcast:recv ", list});
}

void put_received(std::string& out, const PublishSection& section, std::uint64_t max_bitrate,
                  const LocalTransport& local) {
    const ReceivedMedia& media = *section.received;
    put_media(out, section.kind, section.protocol, formats_of(media.payload_type, media.rtx_payload_type), local);
    if (section.kind == "video") put_limit(out, max_bitrate);
    if (!section.mid.empty()) put(out, {"a=mid:", section.mid});
    put(out, {"a=recvonly"});
    put_transport(out, local);
    if (media.reduced_size_rtcp) put(out, {"a=rtcp-rsize"});
    put_payload_types(out, media.payload_type, media.fmtp, media.rtx_payload_type);
    put_extensions(out, media.extensions);
    put_layers(out, media);
}

}  // namespace

std::string publish_answer_text(const PublishAnswer& answer, const LocalTransport& local, std::uint64_t session_id) {
    std::string out;
    put_session(out, session_id, bundle_of(answer));
    bool first = true;
    for (const PublishSection& section : answer.sections) {
        if (!section.received) {
            put_rejected(out,
                         {section.kind, section.protocol, section.formats, section.mid,
                          section.offered ? &*section.offered : nullptr},
                         local);
            continue;
        }
        put_received(out, section, answer.max_bitrate, local);
        // RFC 9143 7.1.2: the bundle's transport is the first section's.
        if (std::exchange(first, false)) put_candidates(out, local);
    }
    return out;
}

}  // namespace millrace::webrtc
