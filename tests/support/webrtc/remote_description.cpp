// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/webrtc/remote_description.hpp"

#include <algorithm>

#include "webrtc/core/sdp/format_parameters.hpp"
#include "webrtc/core/sdp/words.hpp"

namespace millrace::webrtc::test {

namespace {

// "audio 9 UDP/TLS/RTP/SAVPF 111 112"
RemoteSection read_media_line(std::string_view line) {
    RemoteSection section;
    section.kind = take_word(line);
    section.rejected = take_word(line) == "0";
    take_word(line);
    while (!line.empty())
        if (auto number = number_in(take_word(line)); number && *number < 128)
            section.formats.push_back({static_cast<std::uint8_t>(*number), {}, {}});
    return section;
}

// "1 1 udp 2130706431 127.0.0.1 8189 typ host"
void read_candidate(std::string_view line, std::vector<HostCandidate>& candidates) {
    take_word(line);
    const bool rtp = take_word(line) == "1";
    const bool udp = same_name(take_word(line), "udp");
    take_word(line);
    const std::string address(take_word(line));
    const auto port = number_in(take_word(line));
    if (!rtp || !udp || !port || address.find('.') == std::string::npos) return;
    candidates.push_back({HostCandidate::Transport::udp, address, static_cast<std::uint16_t>(*port)});
}

RemoteSection::Format* format_of(RemoteSection& section, std::string_view number) {
    auto found = std::ranges::find_if(section.formats,
                                      [&](const auto& format) { return number == std::to_string(format.number); });
    return found == section.formats.end() ? nullptr : &*found;
}

void read_sources(RemoteSection& section, std::string_view name, std::string_view value) {
    if (name == "ssrc-group") {
        if (take_word(value) != "FID") return;
        take_word(value);
        section.rtx_ssrc = number_in(take_word(value));
    } else if (auto ssrc = number_in(take_word(value))) {
        if (std::ranges::find(section.ssrcs, *ssrc) == section.ssrcs.end()) section.ssrcs.push_back(*ssrc);
    }
}

void read_section_attribute(RemoteSection& section, std::string_view name, std::string_view value) {
    if (name == "mid") {
        section.mid = value;
    } else if (name == "rtpmap" || name == "fmtp") {
        RemoteSection::Format* format = format_of(section, take_word(value));
        if (format != nullptr) (name == "fmtp" ? format->fmtp : format->rtpmap) = value;
    } else if (name == "extmap") {
        const auto id = number_in(take_word(value));
        if (id) section.extensions.emplace_back(*id, value);
    } else if (name == "ssrc" || name == "ssrc-group") {
        read_sources(section, name, value);
    }
}

void read_attribute(RemoteDescription& remote, std::string_view line) {
    const std::string_view name = take_word(line, ':');
    if (name == "ice-ufrag") {
        remote.ice.ufrag = line;
    } else if (name == "ice-pwd") {
        remote.ice.password = line;
    } else if (name == "setup") {
        remote.setup = line;
    } else if (name == "fingerprint") {
        if (same_name(take_word(line), "sha-256")) remote.fingerprint = parse_fingerprint(line);
    } else if (name == "candidate") {
        read_candidate(line, remote.candidates);
    } else if (!remote.sections.empty()) {
        read_section_attribute(remote.sections.back(), name, line);
    }
}

std::optional<Codec> codec_named(std::string_view rtpmap) {
    const std::string_view name = take_word(rtpmap, '/');
    for (Codec codec : {Codec::h264, Codec::h265, Codec::vp8, Codec::vp9, Codec::av1, Codec::opus})
        if (same_name(name, rtp_name(codec))) return codec;
    return {};
}

}  // namespace

Result<RemoteDescription> read_remote_description(std::string_view text) {
    RemoteDescription remote;
    while (!text.empty()) {
        std::string_view line = take_word(text, '\n');
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (line.starts_with("m=")) remote.sections.push_back(read_media_line(line.substr(2)));
        if (line.starts_with("a=")) read_attribute(remote, line.substr(2));
    }
    if (remote.ice.ufrag.empty() || remote.ice.password.empty())
        return fail(Fault::bad_input, "the server's description has no ICE credentials");
    if (!remote.fingerprint) return fail(Fault::bad_input, "the server's description has no SHA-256 fingerprint");
    if (remote.candidates.empty())
        return fail(Fault::bad_input, "the server's description has no IPv4 UDP candidate: let it listen on one");
    if (remote.setup == "active")
        return fail(Fault::bad_input, "the server wants to be the DTLS client, which is what viewers are here");
    return remote;
}

PayloadMeanings payload_meanings(const RemoteDescription& remote) {
    PayloadMeanings meanings{};
    for (const RemoteSection& section : remote.sections) {
        for (const auto& format : section.formats)
            if (auto codec = codec_named(format.rtpmap))
                meanings[format.number] = {
                    *codec == Codec::opus ? PayloadMeaning::Kind::audio : PayloadMeaning::Kind::video, *codec};
        for (const auto& format : section.formats) {
            const std::uint32_t repeated = number_of(format.fmtp, "apt", 128);
            if (same_name(std::string_view(format.rtpmap).substr(0, 3), "rtx") && repeated < 128)
                meanings[format.number] = {PayloadMeaning::Kind::rtx, meanings[repeated].codec};
        }
    }
    return meanings;
}

}  // namespace millrace::webrtc::test
