// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/stream_format.hpp"

#include <string>

#include "common/codec/codec_table.hpp"
#include "common/codec/h264.hpp"
#include "common/codec/h265.hpp"
#include "webrtc/core/sdp/h264_profile.hpp"

namespace millrace::webrtc {

namespace {

tl::unexpected<Error> undecodable(std::string what, std::string_view instead) {
    return fail(Fault::refused, std::move(what) + ", which browsers do not decode; encode " + std::string(instead));
}

Result<StreamFormat> of_h264(const codec::TrackFormat& track) {
    auto config = codec::parse_avcc(track.config);
    if (!config) return tl::unexpected(std::move(config).error());
    const auto named = h264_profile_level(config->profile, config->constraints, config->level);
    if (!named || named->profile == H264Profile::extended || named->profile > H264Profile::high) {
        return undecodable("the video is H.264 of profile " + std::to_string(config->profile),
                           "8 bits 4:2:0 in profile constrained-baseline, main or high (such as "
                           "video/x-raw,format=I420 before x264enc)");
    }
    return StreamFormat{
        .codec = Codec::h264, .profile = config->profile, .constraints = config->constraints, .level = config->level};
}

Result<StreamFormat> of_h265(const codec::TrackFormat& track) {
    auto config = codec::parse_hvcc(track.config);
    if (!config) return tl::unexpected(std::move(config).error());
    if (config->profile != 1 && config->profile != 2)
        return undecodable("the video is H.265 of profile " + std::to_string(config->profile), "profile main");
    return StreamFormat{
        .codec = Codec::h265, .profile = config->profile, .level = config->level, .high_tier = config->high_tier};
}

// AV1CodecConfigurationRecord (AV1 in ISO BMFF 2.3.3): marker and version, profile and level, tier.
Result<StreamFormat> of_av1(const codec::TrackFormat& track) {
    ByteReader in(track.config);
    in.skip(1);
    const std::uint8_t profile_and_level = in.u8();
    const std::uint8_t tier = in.u8();
    if (in.failed()) return fail(Fault::bad_input, "AV1 configuration: it is cut short");
    const auto profile = static_cast<std::uint8_t>(profile_and_level >> 5);
    if (profile != 0)
        return undecodable("the video is AV1 of profile " + std::to_string(profile), "profile main (4:2:0)");
    return StreamFormat{.codec = Codec::av1,
                        .profile = profile,
                        .level = static_cast<std::uint8_t>(profile_and_level & 0x1f),
                        .high_tier = (tier & 0x80) != 0};
}

}  // namespace

bool same_encoding(const StreamFormat& a, const StreamFormat& b) {
    return a.codec == b.codec && (a.codec != Codec::vp9 || a.profile == b.profile);
}

namespace {

// Whether a decoder of `a` is more than one of `b`, or as much.
bool demands_more(const StreamFormat& a, const StreamFormat& b) {
    if (a.codec != Codec::h264) return a.profile >= b.profile;
    const auto ours = h264_profile_level(a.profile, a.constraints, a.level);
    const auto other = h264_profile_level(b.profile, b.constraints, b.level);
    if (!ours || !other) return ours.has_value();
    return decodes(ours->profile, other->profile) ||
           (!decodes(other->profile, ours->profile) && ours->profile > other->profile);
}

bool has_higher_level(const StreamFormat& a, const StreamFormat& b) {
    if (a.codec != Codec::h264) return a.level > b.level;
    const auto ours = h264_profile_level(a.profile, a.constraints, a.level);
    const auto other = h264_profile_level(b.profile, b.constraints, b.level);
    return ours && (!other || !level_suffices(*other, *ours));
}

}  // namespace

StreamFormat most_demanding(std::span<const StreamFormat> formats) {
    StreamFormat most = formats.front();
    for (const StreamFormat& format : formats) {
        const bool higher = has_higher_level(format, most);
        const std::uint8_t level = higher ? format.level : most.level;
        const bool high_tier = most.high_tier || format.high_tier;
        if (demands_more(format, most)) most = format;
        most.level = level;
        most.high_tier = high_tier;
    }
    return most;
}

Result<StreamFormat> stream_format_of(const codec::TrackFormat& track) {
    switch (track.codec) {
        case codec::Codec::h264:
            return of_h264(track);
        case codec::Codec::h265:
            return of_h265(track);
        case codec::Codec::av1:
            return of_av1(track);
        case codec::Codec::vp9:
            return StreamFormat{.codec = Codec::vp9};
        case codec::Codec::opus:
            return StreamFormat{.codec = Codec::opus, .channels = track.channels};
        case codec::Codec::aac:
        case codec::Codec::mp3:
            break;
    }
    return undecodable("the audio is " + std::string(codec::row_of(track.codec).name), "Opus");
}

}  // namespace millrace::webrtc
