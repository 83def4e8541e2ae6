// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/local_description.hpp"

#include <string_view>

#include "tests/support/webrtc/outgoing_packet.hpp"
#include "webrtc/core/sdp/extension_choice.hpp"
#include "webrtc/core/sdp/sdp_lines.hpp"

namespace millrace::webrtc::test {

namespace {

constexpr const char* kH264Profiles[] = {"42e01f", "42001f", "4d001f", "64001f"};
constexpr int kOpusPayloadType = 111;

struct Format {
    Codec codec;
    std::string fmtp;
};

std::vector<Format> formats_of(const std::vector<Codec>& codecs) {
    std::vector<Format> formats;
    for (Codec codec : codecs) {
        if (codec == Codec::h264)
            for (const char* profile : kH264Profiles)
                formats.push_back(
                    {codec, std::string("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=") + profile});
        else
            formats.push_back({codec, codec == Codec::vp9 ? "profile-id=0" : ""});
    }
    return formats;
}

void put_session(std::string& out, std::size_t sections) {
    put(out, {"v=0"});
    put(out, {"o=- 1 1 IN IP4 127.0.0.1"});
    put(out, {"s=-"});
    put(out, {"t=0 0"});
    std::string mids;
    for (std::size_t mid = 0; mid < sections; ++mid) mids += " " + std::to_string(mid);
    put(out, {"a=group:BUNDLE", mids});
}

void put_transport(std::string& out, const PeerIdentity& identity, std::string_view setup, std::string_view mid,
                   std::string_view direction = "recvonly") {
    put(out, {"c=IN IP4 0.0.0.0"});
    put(out, {"a=ice-ufrag:", identity.ice.ufrag});
    put(out, {"a=ice-pwd:", identity.ice.password});
    put(out, {"a=fingerprint:sha-256 ", to_text(identity.fingerprint)});
    put(out, {"a=setup:", setup});
    put(out, {"a=mid:", mid});
    put(out, {"a=", direction});
    put(out, {"a=rtcp-mux"});
    put(out, {"a=rtcp-rsize"});
}

void put_feedback(std::string& out, const std::string& number, const ViewerAbilities& abilities) {
    for (const char* kind : {"nack", "nack pli", "ccm fir", "goog-remb"}) put(out, {"a=rtcp-fb:", number, " ", kind});
    if (abilities.transport_cc) put(out, {"a=rtcp-fb:", number, " transport-cc"});
}

void put_extensions(std::string& out, const ViewerAbilities& abilities) {
    if (abilities.abs_send_time) put(out, {"a=extmap:2 ", kAbsSendTimeUri});
    if (abilities.transport_cc) put(out, {"a=extmap:3 ", kTransportCcUri});
    if (abilities.mid) put(out, {"a=extmap:4 ", kMidUri});
}

void put_audio(std::string& out, const ViewerAbilities& abilities, const PeerIdentity& identity) {
    const std::string number = std::to_string(kOpusPayloadType);
    put(out, {"m=audio 9 UDP/TLS/RTP/SAVPF ", number});
    put_transport(out, identity, "actpass", "0");
    put_extensions(out, abilities);
    put(out, {"a=rtpmap:", number, " opus/48000/2"});
    put(out, {"a=fmtp:", number, " minptime=10;useinbandfec=1"});
}

void put_video(std::string& out, const ViewerAbilities& abilities, const PeerIdentity& identity) {
    constexpr int kFirst = 35;  // dynamic payload types below RTCP's, then those from 96 on
    const std::vector<Format> formats = formats_of(abilities.video);
    std::string numbers;
    std::string lines;
    int next = kFirst;
    for (const Format& format : formats) {
        const std::string number = std::to_string(next++);
        numbers += " " + number;
        put(lines, {"a=rtpmap:", number, " ", rtp_name(format.codec), "/90000"});
        if (!format.fmtp.empty()) put(lines, {"a=fmtp:", number, " ", format.fmtp});
        put_feedback(lines, number, abilities);
        if (!abilities.rtx) continue;
        const std::string rtx = std::to_string(next++);
        numbers += " " + rtx;
        put(lines, {"a=rtpmap:", rtx, " rtx/90000"});
        put(lines, {"a=fmtp:", rtx, " apt=", number});
    }
    put(out, {"m=video 9 UDP/TLS/RTP/SAVPF", numbers});
    put_transport(out, identity, "actpass", abilities.audio ? "1" : "0");
    put_extensions(out, abilities);
    out += lines;
}

void put_sources(std::string& out, std::uint32_t source, std::optional<std::uint32_t> repeated) {
    const std::string first = std::to_string(source);
    if (repeated) put(out, {"a=ssrc-group:FID ", first, " ", std::to_string(*repeated)});
    put(out, {"a=ssrc:", first, " cname:publisher"});
    if (repeated) put(out, {"a=ssrc:", std::to_string(*repeated), " cname:publisher"});
}

void put_layers(std::string& out, const std::vector<std::string>& layers) {
    std::string list;
    for (const std::string& layer : layers) {
        put(out, {"a=rid:", layer, " send"});
        list += (list.empty() ? "" : ";") + layer;
    }
    put(out, {"a=simulcast:send ", list});
}

void put_published_video(std::string& out, const PublisherAbilities& abilities, const PeerIdentity& identity) {
    const std::string number = std::to_string(kVideoType);
    const std::string rtx = std::to_string(kRtxType);
    const Format format = formats_of({*abilities.video}).front();
    put(out, {"m=video 9 UDP/TLS/RTP/SAVPF ", number, abilities.rtx ? " " + rtx : ""});
    put_transport(out, identity, "actpass", "0", "sendonly");
    if (abilities.transport_cc) put(out, {"a=extmap:", std::to_string(kTransportCcId), " ", kTransportCcUri});
    put(out, {"a=extmap:", std::to_string(kMidId), " ", kMidUri});
    put(out, {"a=extmap:", std::to_string(kRidId), " ", kStreamNameUri});
    put(out, {"a=extmap:", std::to_string(kRepairedRidId), " ", kRepairedStreamNameUri});
    put(out, {"a=rtpmap:", number, " ", rtp_name(format.codec), "/90000"});
    if (!format.fmtp.empty()) put(out, {"a=fmtp:", number, " ", format.fmtp});
    for (const char* kind : {"nack", "nack pli", "ccm fir"}) put(out, {"a=rtcp-fb:", number, " ", kind});
    if (abilities.remb) put(out, {"a=rtcp-fb:", number, " goog-remb"});
    if (abilities.transport_cc) put(out, {"a=rtcp-fb:", number, " transport-cc"});
    if (abilities.rtx) put(out, {"a=rtpmap:", rtx, " rtx/90000"});
    if (abilities.rtx) put(out, {"a=fmtp:", rtx, " apt=", number});
    if (!abilities.layers.empty())
        put_layers(out, abilities.layers);
    else if (abilities.announces_sources)
        put_sources(out, kVideo, abilities.rtx ? std::optional(kRtx) : std::nullopt);
}

void put_published_audio(std::string& out, const PublisherAbilities& abilities, const PeerIdentity& identity) {
    const std::string number = std::to_string(kAudioType);
    put(out, {"m=audio 9 UDP/TLS/RTP/SAVPF ", number});
    put_transport(out, identity, "actpass", abilities.video ? "1" : "0", "sendonly");
    if (abilities.transport_cc) put(out, {"a=extmap:", std::to_string(kTransportCcId), " ", kTransportCcUri});
    put(out, {"a=extmap:", std::to_string(kMidId), " ", kMidUri});
    put(out, {"a=rtpmap:", number, " opus/48000/2"});
    if (abilities.transport_cc) put(out, {"a=rtcp-fb:", number, " transport-cc"});
    if (abilities.announces_sources) put_sources(out, kAudio, {});
}

}  // namespace

std::string publish_offer_text(const PublisherAbilities& abilities, const PeerIdentity& identity) {
    std::string out;
    put_session(out, (abilities.audio ? 1U : 0U) + (abilities.video ? 1U : 0U));
    if (abilities.video) put_published_video(out, abilities, identity);
    if (abilities.audio) put_published_audio(out, abilities, identity);
    return out;
}

std::string offer_text(const ViewerAbilities& abilities, const PeerIdentity& identity) {
    std::string out;
    put_session(out, (abilities.audio ? 1U : 0U) + (abilities.video.empty() ? 0U : 1U));
    if (abilities.audio) put_audio(out, abilities, identity);
    if (!abilities.video.empty()) put_video(out, abilities, identity);
    return out;
}

std::string answer_text(const RemoteDescription& offer, const PeerIdentity& identity) {
    std::string out = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
    std::string mids;
    for (const RemoteSection& section : offer.sections) mids += " " + section.mid;
    put(out, {"a=group:BUNDLE", mids});
    for (const RemoteSection& section : offer.sections) {
        std::string numbers;
        for (const auto& format : section.formats) numbers += " " + std::to_string(format.number);
        put(out, {"m=", section.kind, " 9 UDP/TLS/RTP/SAVPF", numbers});
        put_transport(out, identity, "active", section.mid);
        for (const auto& format : section.formats) {
            const std::string number = std::to_string(format.number);
            put(out, {"a=rtpmap:", number, " ", format.rtpmap});
            if (!format.fmtp.empty()) put(out, {"a=fmtp:", number, " ", format.fmtp});
            if (section.kind == "video") put_feedback(out, number, {});
        }
    }
    return out;
}

}  // namespace millrace::webrtc::test
