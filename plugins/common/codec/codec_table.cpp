// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/codec_table.hpp"

#include <algorithm>
#include <array>

#include "common/codec/aac.hpp"
#include "common/codec/av1.hpp"
#include "common/codec/h264.hpp"
#include "common/codec/h265.hpp"
#include "common/codec/mp3.hpp"
#include "common/codec/opus.hpp"
#include "common/codec/vp9.hpp"

namespace millrace::codec {

namespace {

// In the order of the enumerators, so that a codec is its row's index.
constexpr std::array<CodecRow, 7> kCodecs = {{
    {Codec::h264, "H.264", "video/x-h264", "avc1", "avc1", describe_h264, codecs_string_h264},
    {Codec::h265, "H.265", "video/x-h265", "hvc1", "hvc1", describe_h265, codecs_string_h265},
    {Codec::av1, "AV1", "video/x-av1", "av01", "av01", describe_av1, codecs_string_av1},
    {Codec::vp9, "VP9", "video/x-vp9", "vp09", "vp09", describe_vp9, codecs_string_vp9},
    {Codec::aac, "AAC", "audio/mpeg", "mp4a", "mp4a", describe_aac, codecs_string_aac},
    {Codec::opus, "Opus", "audio/x-opus", "Opus", "Opus", describe_opus, codecs_string_opus},
    {Codec::mp3, "MP3", "audio/mpeg", ".mp3", "mp4a", describe_mp3, codecs_string_mp3},
}};

// What the first argument knows goes over the second.
template <class T>
void correct(const T& known, T& field) {
    if (known != T{}) field = known;
}

// What a codec's frames are made of where neither the configuration nor the owner said so.
std::uint32_t usual_samples_per_frame(const TrackFormat& format) {
    switch (format.codec) {
        case Codec::aac:
            return 1024;
        case Codec::opus:
            return 960;  // 20 ms
        case Codec::mp3:
            return format.sample_rate < 32000 ? 576 : 1152;
        default:
            return 0;
    }
}

}  // namespace

std::span<const CodecRow> codec_table() {
    return kCodecs;
}

const CodecRow& row_of(Codec codec) {
    return kCodecs[static_cast<std::size_t>(codec)];
}

const CodecRow* find_fourcc(std::string_view fourcc) {
    auto row = std::find_if(kCodecs.begin(), kCodecs.end(), [&](const CodecRow& r) { return r.fourcc == fourcc; });
    return row == kCodecs.end() ? nullptr : &*row;
}

Result<Description> describe(const TrackFormat& format) {
    const CodecRow& row = row_of(format.codec);
    return row.describe(format.config).map_error([&](Error error) {
        return std::move(error).while_(std::string(row.name) + " configuration");
    });
}

Result<> complete(TrackFormat& format) {
    return describe(format).map([&](const Description& known) {
        correct(known.width, format.width);
        correct(known.height, format.height);
        correct(known.frame_rate, format.frame_rate);
        correct(known.sample_rate, format.sample_rate);
        correct(known.channels, format.channels);
        correct(known.samples_per_frame, format.samples_per_frame);
        if (format.samples_per_frame == 0) format.samples_per_frame = usual_samples_per_frame(format);
    });
}

Result<std::string> codecs_string(const TrackFormat& format) {
    return row_of(format.codec).codecs_string(format.config);
}

}  // namespace millrace::codec
