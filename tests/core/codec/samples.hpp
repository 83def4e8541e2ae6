// SPDX-License-Identifier: LGPL-2.1-or-later
// Decoder configurations that real encoders wrote, with what ffprobe, ffmpeg's DASH muxer and GStreamer say of them.
#pragma once

#include <ostream>
#include <string_view>
#include <vector>

#include "common/codec/track_format.hpp"
#include "tests/support/hex_bytes.hpp"

namespace millrace::test {

struct VideoSample {
    std::string_view name;
    codec::Codec codec;
    std::string_view config;
    std::string_view codecs;
    std::uint32_t width, height;
    codec::Rational frame_rate;
    unsigned bit_depth;
    bool interlaced;

    [[nodiscard]] codec::TrackFormat format() const { return {.codec = codec, .config = from_hex(config)}; }
};

inline void PrintTo(const VideoSample& sample, std::ostream* out) {
    *out << sample.name;
}

inline const std::vector<VideoSample>& video_samples() {
    using codec::Codec;
    static const std::vector<VideoSample> kSamples = {
        {"x264_1080p_cropped_2997",
         Codec::h264,
         "0142c028ffe100176742c028da01e0089f97011000003e90000ea600f1832a01000468ce0fc8",
         "avc1.42c028",
         1920,
         1080,
         {30000, 1001},
         8,
         false},
        {"x264_1080i_cropped_fields",
         Codec::h264,
         "01640028ffe1001a67640028acd94078044fde0220000003002000000643e2c5b2c001000668fba3cb22c0fdf8f800",
         "avc1.640028",
         1920,
         1080,
         {25, 1},
         8,
         true},
        {"x264_pal_with_colour",
         Codec::h264,
         "0164001effe100216764001eacd940b424dff80200016b50505054000003000400000300c87c50a65801000668fba3cb22c0fdf8f800",
         "avc1.64001e",
         720,
         576,
         {25, 1},
         8,
         true},
        {"x264_10_bit",
         Codec::h264,
         "016e0020ffe1001a676e0020a6cd9405005bb011000003000100000300780f18319601000668ebe3cb22c0fdfafa00",
         "avc1.6e0020",
         1280,
         720,
         {60, 1},
         10,
         false},
        {"x264_444_odd_macroblocks",
         Codec::h264,
         "01f4001effe1001b67f4001e919b281485fc7c5e0220000003002000000601e2c5b2c001000668ebe3c44844fff8f800",
         "avc1.f4001e",
         642,
         358,
         {24, 1},
         8,
         false},
        {"x264_baseline",
         Codec::h264,
         "0142c01effe100196742c01ed900a02ff970110000030001000003003c0f162e4801000568cb83cb20",
         "avc1.42c01e",
         640,
         360,
         {30, 1},
         8,
         false},
        {"x264_scaling_matrices",
         Codec::h264,
         "0164001effe1001a6764001eacd940a02ff970110000030001000003003c0f162d9601000768ebe3cb3002c0fdf8f800",
         "avc1.64001e",
         640,
         360,
         {30, 1},
         8,
         false},
        {"x264enc_5994",
         Codec::h264,
         "0164001fffe1001c6764001facb201b07bcde02d418181a9400000fa4000753023c60c9201000568ebccb22c",
         "avc1.64001f",
         854,
         480,
         {60000, 1001},
         8,
         false},
        {"x264enc_interlaced",
         Codec::h264,
         "0164001fffe1001d6764001facd940d87bcde02d418181a9400000fa4000753027c58b658001000568fbacb22c",
         "avc1.64001f",
         854,
         480,
         {60000, 1001},
         8,
         true},
        {"x265_1080p_cropped_2997",
         Codec::h265,
         "01016000000090000000000078f000fcfdf8f800000f03a00001001840010c01ffff016000000300900000030000030078959809a1000"
         "100"
         "29420101016000000300900000030000030078a003c08010e596566924caf01680800001f480003a9804a2000100074401c172b46240",
         "hvc1.1.6.L120.90",
         1920,
         1080,
         {30000, 1001},
         8,
         false},
        {"x265_10_bit_hdr_scaling_lists",
         Codec::h265,
         "01022000000090000000000078f000fcfdfafa00000f03a00001001840010c01ffff022000000300900000030000030078959809a1000"
         "100"
         "2e420101022000000300900000030000030078a00280802d1f4d96566924e5780b5091009040000003004000000c82a2000100074401c"
         "172"
         "b46240",
         "hvc1.2.4.L120.90",
         1280,
         718,
         {50, 1},
         10,
         false},
        {"x265enc_range_extensions",
         Codec::h265,
         "0104080000009808000000003ff000fcfffcfc00000f03200001001740010c01ffff040800000300980800000300003f9598092100010"
         "031"
         "420101040800000300980800000300003f9001b101e39f294b2b3492657ff80008000b506060604000000300400000064222000100074"
         "401"
         "c172b46240",
         "hvc1.4.10.L63.98.08",
         426,
         240,
         {25, 1},
         12,
         false},
        {"svtav1_720p", Codec::av1, "81050c000a0b0000002d4cffb3c02f8004", "av01.0.05M.08", 1280, 720, {}, 8, false},
        {"libaom_10_bit",
         Codec::av1,
         "81044c000a0e00000024c6abdf36be5404040410",
         "av01.0.04M.10",
         854,
         480,
         {},
         10,
         false},
        {"libvpx_vp9", Codec::vp9, "0014820202020000", "vp09.00.20.08", 0, 0, {}, 8, false},
    };
    return kSamples;
}

struct AudioSample {
    std::string_view name;
    codec::Codec codec;
    std::string_view config;
    std::string_view codecs;
    std::uint32_t sample_rate, channels, samples_per_frame;

    [[nodiscard]] codec::TrackFormat format() const { return {.codec = codec, .config = from_hex(config)}; }
};

inline void PrintTo(const AudioSample& sample, std::ostream* out) {
    *out << sample.name;
}

inline const std::vector<AudioSample>& audio_samples() {
    using codec::Codec;
    static const std::vector<AudioSample> kSamples = {
        {"aac_mono_44100", Codec::aac, "120856e500", "mp4a.40.2", 44100, 1, 1024},
        {"aac_stereo_48000", Codec::aac, "119056e500", "mp4a.40.2", 48000, 2, 1024},
        {"aac_5_1", Codec::aac, "11b056e500", "mp4a.40.2", 48000, 6, 1024},
        {"aac_two_bytes", Codec::aac, "1210", "mp4a.40.2", 44100, 2, 1024},
        {"aac_960_samples", Codec::aac, "1194", "mp4a.40.2", 48000, 2, 960},
        {"he_aac_hierarchical", Codec::aac, "2b920800", "mp4a.40.5", 44100, 2, 2048},
        {"he_aac_v2_hierarchical", Codec::aac, "eb8a0800", "mp4a.40.29", 44100, 2, 2048},
        {"he_aac_backward_compatible", Codec::aac, "139056e5a0", "mp4a.40.5", 44100, 2, 2048},
        {"he_aac_v2_backward_compatible", Codec::aac, "138856e5a54880", "mp4a.40.29", 44100, 2, 2048},
        {"aac_escaped_rate", Codec::aac, "1780bb8010", "mp4a.40.2", 96000, 2, 1024},
        {"opus_stereo", Codec::opus, "000201380000bb80000000", "Opus", 48000, 2, 960},
        {"opus_5_1", Codec::opus, "000601380000bb800000010402000401020305", "Opus", 48000, 6, 960},
    };
    return kSamples;
}

}  // namespace millrace::test
