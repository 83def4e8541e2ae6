// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/track_caps.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "common/codec/codec_table.hpp"
#include "common/codec/opus.hpp"
#include "common/gst/caps_fields.hpp"
#include "common/gst/read_map.hpp"

namespace millrace::gst {

const char* const kVideoCaps =
    "video/x-h264, stream-format=(string)avc, alignment=(string)au; "
    "video/x-h265, stream-format=(string)hvc1, alignment=(string)au; "
    "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu";

const char* const kAudioCaps =
    "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw, framed=(boolean)true; "
    "audio/mpeg, mpegversion=(int)1, layer=(int)3, parsed=(boolean)true; "
    "audio/x-opus, channel-mapping-family=(int)0";

namespace {

using codec::Codec;

struct Row {
    Codec codec;
    const char* caps;                 // what tells this codec from the others
    bool has_codec_data;              // the decoder configuration travels in the caps
    std::uint32_t samples_per_frame;  // audio; what the codec uses unless its configuration says otherwise
};

constexpr std::array kRows{
    Row{Codec::h264, "video/x-h264, stream-format=(string)avc, alignment=(string)au", true, 0},
    Row{Codec::h265, "video/x-h265, stream-format=(string)hvc1, alignment=(string)au", true, 0},
    Row{Codec::av1, "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu", true, 0},
    Row{Codec::aac, "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw, framed=(boolean)true", true, 1024},
    Row{Codec::mp3, "audio/mpeg, mpegversion=(int)1, layer=(int)3, parsed=(boolean)true", false, 1152},
    Row{Codec::opus, "audio/x-opus, channel-mapping-family=(int)0", false, 960},
};

const Row* row_of(const GstCaps* caps) {
    for (const Row& row : kRows) {
        auto template_caps = adopt(gst_caps_from_string(row.caps));
        if (gst_caps_can_intersect(caps, template_caps.get())) return &row;
    }
    return nullptr;
}

Bytes buffer_bytes(GstBuffer* buffer) {
    if (auto map = ReadMap::of(buffer)) return {map->bytes().begin(), map->bytes().end()};
    return {};
}

Bytes codec_data(const GstStructure* structure) {
    GstBuffer* buffer = nullptr;
    if (!gst_structure_get(structure, "codec_data", GST_TYPE_BUFFER, &buffer, nullptr)) return {};
    auto owned = adopt(buffer);
    return buffer_bytes(buffer);
}

Bytes default_dops(std::uint32_t channels) {
    constexpr std::uint32_t kLibopusPreSkip = 312;  // samples at 48 kHz, what libopus encoders need
    return codec::write_dops({.channels = channels, .pre_skip = kLibopusPreSkip, .input_rate = codec::kOpusRate});
}

Bytes opus_config(const GstStructure* structure, std::uint32_t channels) {
    const GValue* headers = gst_structure_get_value(structure, "streamheader");
    if (headers && GST_VALUE_HOLDS_ARRAY(headers) && gst_value_array_get_size(headers) > 0) {
        const GValue* first = gst_value_array_get_value(headers, 0);
        const Bytes head = buffer_bytes(gst_value_get_buffer(first));
        if (auto config = codec::parse_opus_head(head)) return codec::write_dops(*config);
    }
    return default_dops(channels);
}

}  // namespace

Result<codec::TrackFormat> format_from_caps(const GstCaps* caps) {
    const Row* row = row_of(caps);
    if (!row) {
        OwnedText text(gst_caps_to_string(caps));
        return fail(Fault::bad_input, std::string("no known codec in caps ") + text.get());
    }
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    codec::TrackFormat format;
    format.codec = row->codec;
    if (codec::kind_of(row->codec) == codec::Kind::video) {
        format.width = integer(structure, "width");
        format.height = integer(structure, "height");
        format.frame_rate = fraction(structure, "framerate");
    } else {
        format.sample_rate = row->codec == Codec::opus ? 48000 : integer(structure, "rate");
        format.channels = integer(structure, "channels");
        format.samples_per_frame = row->samples_per_frame;
    }
    if (row->codec == Codec::opus) format.config = opus_config(structure, format.channels ? format.channels : 2);
    if (row->has_codec_data) {
        format.config = codec_data(structure);
        if (format.config.empty()) {
            return fail(Fault::bad_input,
                        std::string("caps of ") + gst_structure_get_name(structure) +
                            " have no codec_data; put the codec's parser (h264parse, aacparse, …) before");
        }
    }
    if (auto completed = codec::complete(format); !completed) return tl::unexpected(std::move(completed).error());
    return format;
}

Ref<GstCaps> caps_from_format(const codec::TrackFormat& format) {
    const auto* row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.codec == format.codec; });
    if (row == kRows.end()) return {};
    auto caps = adopt(gst_caps_from_string(row->caps));
    auto set = [&](const char* field, std::uint32_t value) {
        if (value > 0) gst_caps_set_simple(caps.get(), field, G_TYPE_INT, static_cast<gint>(value), nullptr);
    };
    set("width", format.width);
    set("height", format.height);
    set("rate", format.sample_rate);
    set("channels", format.channels);
    if (format.frame_rate.known()) {
        gst_caps_set_simple(caps.get(), "framerate", GST_TYPE_FRACTION, static_cast<gint>(format.frame_rate.numerator),
                            static_cast<gint>(format.frame_rate.denominator), nullptr);
    }
    if (row->has_codec_data && !format.config.empty()) {
        auto config = adopt(wrap_bytes(format.config));
        gst_caps_set_simple(caps.get(), "codec_data", GST_TYPE_BUFFER, config.get(), nullptr);
    }
    return caps;
}

}  // namespace millrace::gst
