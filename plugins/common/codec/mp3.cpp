// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/mp3.hpp"

#include <array>

namespace millrace::codec {

namespace {

// By version bits: MPEG-2.5, reserved, MPEG-2, MPEG-1.
struct Version {
    std::array<std::uint32_t, 3> rates;
    std::array<std::uint16_t, 15> kilobits;
    std::uint32_t samples;
};
constexpr std::array<std::uint16_t, 15> kLowBitrates = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
constexpr std::array<std::uint16_t, 15> kBitrates = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
constexpr std::array<Version, 4> kVersions = {{
    {{11025, 12000, 8000}, kLowBitrates, 576},
    {{0, 0, 0}, {}, 0},
    {{22050, 24000, 16000}, kLowBitrates, 576},
    {{44100, 48000, 32000}, kBitrates, 1152},
}};
constexpr std::uint32_t kLayer3 = 1;
constexpr std::uint32_t kMono = 3;

}  // namespace

Result<Mp3Frame> parse_mp3_frame(ByteView bytes) {
    ByteReader reader(bytes);
    std::uint32_t header = reader.u32();
    if (reader.failed()) return fail(Fault::bad_input, "the MP3 frame is shorter than its header");
    const Version& version = kVersions[header >> 19 & 3];
    std::uint32_t bitrate_index = header >> 12 & 15;
    std::uint32_t rate_index = header >> 10 & 3;
    bool sync = header >> 21 == 0x7ff;
    if (!sync || (header >> 17 & 3) != kLayer3 || version.samples == 0 || bitrate_index == 15 || rate_index == 3) {
        return fail(Fault::bad_input, "not an MP3 frame");
    }
    Mp3Frame frame;
    frame.sample_rate = version.rates[rate_index];
    frame.channels = (header >> 6 & 3) == kMono ? 1 : 2;
    frame.samples = version.samples;
    frame.bitrate = version.kilobits[bitrate_index] * 1000u;
    if (frame.bitrate > 0) frame.size = frame.samples / 8 * frame.bitrate / frame.sample_rate + (header >> 9 & 1);
    return frame;
}

Result<Description> describe_mp3(ByteView config) {
    if (!config.empty()) return fail(Fault::bad_input, "MP3 has no decoder configuration");
    return Description{};
}

// RFC 6381 3.3: object type 34 of MPEG-4 audio is Layer-3; the same string is what players know for MP3 in ISO BMFF.
Result<std::string> codecs_string_mp3(ByteView) {
    return std::string("mp4a.40.34");
}

}  // namespace millrace::codec
