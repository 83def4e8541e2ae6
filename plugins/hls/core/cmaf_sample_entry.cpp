// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/cmaf_sample_entry.hpp"

#include "common/codec/codec_table.hpp"
#include "hls/core/box_writer.hpp"

namespace millrace::hls {

namespace {

using codec::Codec;
using codec::TrackFormat;

// The box that carries the configuration, inside the sample entry that codec_table names.
void write_config_box(ByteWriter& out, std::string_view type, const TrackFormat& format) {
    Box box(out, type);
    out.bytes(format.config);
}

// VP Codec ISO Media File Format Binding 2.2: the record, behind version 1.
void write_vpcc(ByteWriter& out, const TrackFormat& format) {
    Box box(out, "vpcC", 1, 0);
    out.bytes(format.config);
}

// ISO/IEC 14496-1 8.3.3: a tag and a length of seven bits a byte.
void write_descriptor(ByteWriter& out, std::uint8_t tag, ByteView payload) {
    out.u8(tag);
    unsigned groups = 1;
    while (payload.size() >> (7 * groups) != 0) ++groups;
    while (groups-- > 0) out.u8((payload.size() >> (7 * groups) & 0x7f) | (groups > 0 ? 0x80 : 0));
    out.bytes(payload);
}

// ISO/IEC 14496-1 table 5, objectTypeIndication.
std::uint8_t object_type_of(const TrackFormat& format) {
    if (format.codec == Codec::aac) return 0x40;
    return format.sample_rate >= 32000 ? 0x6b : 0x69;  // MP3: MPEG-1 and MPEG-2 audio
}

// ISO/IEC 14496-14 5.6: the elementary stream descriptor, bit rates unknown.
void write_esds(ByteWriter& out, const TrackFormat& format) {
    constexpr std::uint8_t kEsTag = 3, kDecoderConfigTag = 4, kSpecificInfoTag = 5, kSyncLayerTag = 6;
    constexpr std::uint8_t kAudioStream = 5 << 2 | 1;
    ByteWriter decoder;
    decoder.u8(object_type_of(format));
    decoder.u8(kAudioStream);
    decoder.u24(0);  // bufferSizeDB
    decoder.u32(0);  // maxBitrate
    decoder.u32(0);  // avgBitrate
    if (!format.config.empty()) write_descriptor(decoder, kSpecificInfoTag, format.config);

    ByteWriter stream;
    stream.u16(0);  // ES_ID, 0 in a file
    stream.u8(0);   // no dependency, URL or clock reference
    write_descriptor(stream, kDecoderConfigTag, decoder.view());
    constexpr std::uint8_t kMp4SyncLayer[] = {2};
    write_descriptor(stream, kSyncLayerTag, kMp4SyncLayer);

    Box box(out, "esds", 0, 0);
    write_descriptor(out, kEsTag, stream.view());
}

void write_codec_box(ByteWriter& out, const TrackFormat& format) {
    switch (format.codec) {
        case Codec::h264:
            return write_config_box(out, "avcC", format);
        case Codec::h265:
            return write_config_box(out, "hvcC", format);
        case Codec::av1:
            return write_config_box(out, "av1C", format);
        case Codec::vp9:
            return write_vpcc(out, format);
        case Codec::opus:
            return write_config_box(out, "dOps", format);
        case Codec::aac:
        case Codec::mp3:
            return write_esds(out, format);
    }
}

// 12.1.5: colour as H.273 code points, where the stream says any.
void write_colr(ByteWriter& out, const codec::Colour& colour) {
    Box box(out, "colr");
    out.text("nclx");
    out.u16(colour.primaries);
    out.u16(colour.transfer);
    out.u16(colour.matrix);
    out.u8(colour.full_range ? 0x80 : 0);
}

// 12.1.4
void write_pasp(ByteWriter& out, codec::Rational pixel_aspect) {
    Box box(out, "pasp");
    out.u32(pixel_aspect.numerator);
    out.u32(pixel_aspect.denominator);
}

// 12.1.3
void write_visual_fields(ByteWriter& out, const TrackFormat& format) {
    constexpr std::uint32_t k72Dpi = 72 << 16;
    out.zeros(2 + 2 + 12);
    out.u16(format.width);
    out.u16(format.height);
    out.u32(k72Dpi);
    out.u32(k72Dpi);
    out.zeros(4);
    out.u16(1);       // frame_count
    out.zeros(32);    // compressorname
    out.u16(0x18);    // depth: colour without alpha
    out.u16(0xffff);  // pre_defined = -1
}

// 12.2.3
void write_audio_fields(ByteWriter& out, const TrackFormat& format) {
    out.zeros(8);
    out.u16(format.channels);
    out.u16(16);  // samplesize
    out.zeros(4);
    // 16.16 fixed point; a rate that does not fit is left to the configuration, as other muxers do.
    out.u32(format.sample_rate <= 0xffff ? format.sample_rate << 16 : 0);
}

}  // namespace

void write_sample_entry(ByteWriter& out, const TrackFormat& format, const codec::Description& known) {
    Box entry(out, codec::row_of(format.codec).sample_entry);
    out.zeros(6);
    out.u16(1);  // data_reference_index
    if (codec::kind_of(format.codec) == codec::Kind::audio) {
        write_audio_fields(out, format);
        write_codec_box(out, format);
        return;
    }
    write_visual_fields(out, format);
    write_codec_box(out, format);
    if (known.colour && *known.colour != codec::Colour{}) write_colr(out, *known.colour);
    if (known.pixel_aspect.known()) write_pasp(out, known.pixel_aspect);
}

}  // namespace millrace::hls
