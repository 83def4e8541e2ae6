// SPDX-License-Identifier: LGPL-2.1-or-later
// What the stream is, as far as a viewer has to agree to it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::webrtc {

enum class Codec : std::uint8_t { h264, h265, vp8, vp9, av1, opus };

// As a=rtpmap has it (RFC 6184, 7798, 7741, 9628, 7587 and AV1's payload format).
constexpr std::string_view rtp_name(Codec codec) {
    switch (codec) {
        case Codec::h264:
            return "H264";
        case Codec::h265:
            return "H265";
        case Codec::vp8:
            return "VP8";
        case Codec::vp9:
            return "VP9";
        case Codec::av1:
            return "AV1";
        case Codec::opus:
            return "opus";
    }
    return {};
}
constexpr std::uint32_t rtp_clock_rate(Codec codec) {
    return codec == Codec::opus ? 48000 : 90000;
}

struct StreamFormat {
    Codec codec = Codec::h264;
    std::uint8_t profile = 0;      // profile_idc, general_profile_idc, VP9's profile, seq_profile
    std::uint8_t constraints = 0;  // H.264: the byte behind profile_idc
    std::uint8_t level = 0;        // level_idc, general_level_idc, seq_level_idx
    bool high_tier = false;        // H.265 and AV1
    unsigned channels = 2;         // of audio
};

// Whether who has agreed to one can be sent the other: VP9's profiles are payloads of their own, those of the other
// codecs are decoders that can more or less.
bool same_encoding(const StreamFormat& a, const StreamFormat& b);

// The least that a decoder of all of them has to be able to do. All are of one encoding, and there is one at least.
StreamFormat most_demanding(std::span<const StreamFormat> formats);

// Of a track with its configuration. Fails with refused where no browser decodes the codec or its profile, and says
// what to encode instead.
Result<StreamFormat> stream_format_of(const codec::TrackFormat& track);

struct Streams {
    std::optional<StreamFormat> video;
    std::optional<StreamFormat> audio;
    std::vector<StreamFormat> other_videos{};  // that it is encoded in too, for who does not receive the first
};

}  // namespace millrace::webrtc
