// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/codec_choice.hpp"

#include "webrtc/core/sdp/format_parameters.hpp"
#include "webrtc/core/sdp/h264_profile.hpp"

namespace millrace::webrtc {

namespace {

// Baseline at level 1: what an offer without profile-level-id means (RFC 6184 8.1).
constexpr std::string_view kH264Default = "42000a";

Fit fit_of_h264(std::string_view fmtp, const StreamFormat& stream) {
    // Our packets are of the non-interleaved mode, with fragments and aggregates.
    if (number_of(fmtp, "packetization-mode", 0) != 1) return Fit::none;
    auto offered = parse_profile_level_id(parameter_of(fmtp, "profile-level-id").value_or(kH264Default));
    auto ours = h264_profile_level(stream.profile, stream.constraints, stream.level);
    if (!offered || !ours || !decodes(offered->profile, ours->profile)) return Fit::stretched;
    // With asymmetry the level is only what the viewer would send (RFC 6184 8.2.2).
    const bool asymmetric = number_of(fmtp, "level-asymmetry-allowed", 0) == 1;
    if (!asymmetric && !level_suffices(*offered, *ours)) return Fit::stretched;
    return offered->profile == ours->profile ? Fit::exact : Fit::decodable;
}

// RFC 7798 7.1: what is not said is Main, main tier, level 3.1.
Fit fit_of_h265(std::string_view fmtp, const StreamFormat& stream) {
    constexpr std::uint32_t main = 1;
    constexpr std::uint32_t level_31 = 93;
    if (!same_name(parameter_of(fmtp, "tx-mode").value_or("SRST"), "SRST")) return Fit::none;
    const std::uint32_t profile = number_of(fmtp, "profile-id", main);
    const std::uint32_t level = number_of(fmtp, "level-id", level_31);
    const bool high_tier = number_of(fmtp, "tier-flag", 0) == 1;
    if (stream.high_tier && !high_tier) return Fit::stretched;
    // A decoder of Main 10 is one of Main (H.265 A.3.3).
    if (stream.profile > profile || stream.level > number_of(fmtp, "max-recv-level-id", level)) return Fit::stretched;
    return stream.profile == profile ? Fit::exact : Fit::decodable;
}

// VP9's and AV1's profiles are bit depths and samplings: what is of another one is not decoded.
Fit fit_of_vp9(std::string_view fmtp, const StreamFormat& stream) {
    return number_of(fmtp, "profile-id", 0) == stream.profile ? Fit::exact : Fit::none;
}

// AV1 RTP payload format 7.2.1: what is not said is Main, level 3.1 (5), the main tier.
Fit fit_of_av1(std::string_view fmtp, const StreamFormat& stream) {
    constexpr std::uint32_t level_31 = 5;
    const std::uint32_t profile = number_of(fmtp, "profile", 0);
    if (profile < stream.profile) return Fit::none;
    // Browsers say 5 and decode more; it is a hint, as for the others.
    if (number_of(fmtp, "level-idx", level_31) < stream.level || (stream.high_tier && number_of(fmtp, "tier", 0) == 0))
        return Fit::stretched;
    return profile == stream.profile ? Fit::exact : Fit::decodable;
}

}  // namespace

const PayloadType* rtx_of(const MediaSection& section, const PayloadType& primary) {
    for (const PayloadType& type : section.payload_types)
        if (same_name(type.codec, "rtx") && type.clock_rate == primary.clock_rate && parameter_of(type.fmtp, "apt") &&
            number_of(type.fmtp, "apt", 128) == primary.number)
            return &type;
    return nullptr;
}

Fit fit_of(const PayloadType& offered, const StreamFormat& stream) {
    if (!same_name(offered.codec, rtp_name(stream.codec)) || offered.clock_rate != rtp_clock_rate(stream.codec))
        return Fit::none;
    switch (stream.codec) {
        case Codec::h264:
            return fit_of_h264(offered.fmtp, stream);
        case Codec::h265:
            return fit_of_h265(offered.fmtp, stream);
        case Codec::vp9:
            return fit_of_vp9(offered.fmtp, stream);
        case Codec::av1:
            return fit_of_av1(offered.fmtp, stream);
        case Codec::opus:
            // RFC 7587 7: always called two channels, whatever is in the packets. Chromium's multiopus is another name.
            return offered.channels == 2 ? Fit::exact : Fit::none;
        case Codec::vp8:
            return Fit::exact;
    }
    return Fit::none;
}

std::optional<CodecChoice> choose_codec(const MediaSection& section, const StreamFormat& stream) {
    CodecChoice choice;
    for (const PayloadType& type : section.payload_types) {
        const Fit fit = fit_of(type, stream);
        if (fit > choice.fit) choice = CodecChoice{&type, nullptr, fit};
    }
    if (choice.primary == nullptr) return {};
    choice.rtx = rtx_of(section, *choice.primary);
    return choice;
}

}  // namespace millrace::webrtc
