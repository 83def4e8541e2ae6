// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/publisher_codec.hpp"

#include <initializer_list>
#include <string_view>

#include "webrtc/core/sdp/codec_choice.hpp"
#include "webrtc/core/sdp/format_parameters.hpp"

namespace millrace::webrtc {

namespace {

bool is_of(const PayloadType& type, Codec codec) {
    if (!same_name(type.codec, rtp_name(codec)) || type.clock_rate != rtp_clock_rate(codec)) return false;
    // RFC 7587 7: always called two channels, whatever is in the packets.
    if (codec == Codec::opus) return type.channels == 2;
    // RFC 7798 7.1: all in one stream; the layers of a picture in several are no use to anybody here.
    if (codec == Codec::h265) return same_name(parameter_of(type.fmtp, "tx-mode").value_or("SRST"), "SRST");
    return true;
}

// RFC 6184 6.3: in mode 1 a NAL unit may be in several packets; in mode 0 an encoder has to cut pictures to fit.
bool is_second_choice(const PayloadType& type, Codec codec) {
    return codec == Codec::h264 && number_of(type.fmtp, "packetization-mode", 0) != 1;
}

const PayloadType* best_of(const MediaSection& section, Codec codec) {
    const PayloadType* found = nullptr;
    for (const PayloadType& type : section.payload_types) {
        if (!is_of(type, codec)) continue;
        // Interleaved mode is packets out of order, which nothing here puts into order.
        if (codec == Codec::h264 && number_of(type.fmtp, "packetization-mode", 0) > 1) continue;
        if (!is_second_choice(type, codec)) return &type;
        if (found == nullptr) found = &type;
    }
    return found;
}

std::string as_offered(std::string_view fmtp, std::initializer_list<std::string_view> names) {
    std::string text;
    for (std::string_view name : names)
        if (auto value = parameter_of(fmtp, name))
            text.append(text.empty() ? "" : ";").append(name).append("=").append(*value);
    return text;
}

// RFC 6184 8.2.2: where the levels may differ, ours says how large a picture we take; what is behind us takes all.
std::string h264_fmtp(std::string_view fmtp) {
    constexpr std::string_view level_52 = "34";
    constexpr std::size_t level_at = 4;
    std::string text = as_offered(fmtp, {"level-asymmetry-allowed", "packetization-mode"});
    const auto offered = parameter_of(fmtp, "profile-level-id");
    if (!offered) return text;
    std::string profile(*offered);
    const bool may_differ = number_of(fmtp, "level-asymmetry-allowed", 0) == 1;
    const auto level = profile.size() == 6 ? number_in(std::string_view(profile).substr(level_at), 16) : std::nullopt;
    if (may_differ && level && *level < *number_in(level_52, 16)) profile.replace(level_at, 2, level_52);
    return text.append(text.empty() ? "" : ";").append("profile-level-id=").append(profile);
}

// RFC 7587 7.1: frames of 10 ms are welcome, so is forward error correction, and two channels can be played.
std::string opus_fmtp(std::string_view fmtp) {
    const std::string offered = as_offered(fmtp, {"sprop-stereo"});
    return "minptime=10;useinbandfec=1;stereo=1" + (offered.empty() ? "" : ";" + offered);
}

}  // namespace

std::optional<PublisherCodec> choose_publisher_codec(const MediaSection& section, std::span<const Codec> accepted) {
    for (Codec codec : accepted) {
        if ((codec == Codec::opus) != (section.kind == "audio")) continue;
        if (const PayloadType* found = best_of(section, codec))
            return PublisherCodec{codec, found, rtx_of(section, *found)};
    }
    return {};
}

std::string requested_fmtp(const PublisherCodec& choice) {
    const std::string_view fmtp = choice.primary->fmtp;
    switch (choice.codec) {
        case Codec::h264:
            return h264_fmtp(fmtp);
        case Codec::h265:
            return as_offered(fmtp, {"profile-id", "tier-flag", "level-id", "tx-mode"});
        case Codec::vp9:
            return as_offered(fmtp, {"profile-id"});
        case Codec::av1:
            return as_offered(fmtp, {"profile", "level-idx", "tier"});
        case Codec::opus:
            return opus_fmtp(fmtp);
        case Codec::vp8:
            break;
    }
    return {};
}

}  // namespace millrace::webrtc
