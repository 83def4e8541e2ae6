// SPDX-License-Identifier: LGPL-2.1-or-later
// The CMAF header: ftyp and a moov of one track without samples (ISO/IEC 23000-19 7.3.1). Clauses below without a
// document are of ISO/IEC 14496-12.
#include "common/codec/codec_table.hpp"
#include "hls/core/box_writer.hpp"
#include "hls/core/cmaf.hpp"
#include "hls/core/cmaf_sample_entry.hpp"

namespace millrace::hls {

namespace {

using codec::Kind;

// iso6: tfdt and default-base-is-moof. cmfc: CMAF. cmf2: no edit list, signed composition offsets, defaults in tfhd.
void write_ftyp(ByteWriter& out) {
    Box box(out, "ftyp");
    out.text("iso6");
    out.u32(0);
    for (std::string_view brand : {"iso6", "cmfc", "cmf2"}) out.text(brand);
}

void write_unity_matrix(ByteWriter& out) {
    for (std::uint32_t value : {0x10000u, 0u, 0u, 0u, 0x10000u, 0u, 0u, 0u, 0x40000000u}) out.u32(value);
}

// 8.2.2. Duration 0: nothing is known of a live stream's, and Chromium takes only such a stream for live (CM-2).
void write_mvhd(ByteWriter& out, const Track& track) {
    Box box(out, "mvhd", 0, 0);
    out.u32(0);  // creation_time
    out.u32(0);  // modification_time
    out.u32(track.timescale);
    out.u32(0);        // duration
    out.u32(0x10000);  // rate 1.0
    out.u16(0x100);    // volume 1.0
    out.zeros(2 + 8);
    write_unity_matrix(out);
    out.zeros(24);
    out.u32(track.track_id + 1);  // next_track_ID
}

// 8.3.2. The size is the one to show the picture in: square pixels, 16.16 fixed point.
void write_tkhd(ByteWriter& out, const Track& track, codec::Rational pixel_aspect) {
    constexpr std::uint32_t kEnabledInMovie = 3;
    bool audio = codec::kind_of(track.format.codec) == Kind::audio;
    std::uint64_t width = std::uint64_t{track.format.width} << 16;
    if (pixel_aspect.known()) width = width * pixel_aspect.numerator / pixel_aspect.denominator;
    Box box(out, "tkhd", 0, kEnabledInMovie);
    out.u32(0);  // creation_time
    out.u32(0);  // modification_time
    out.u32(track.track_id);
    out.zeros(4);
    out.u32(0);  // duration
    out.zeros(8);
    out.u16(0);                  // layer
    out.u16(0);                  // alternate_group
    out.u16(audio ? 0x100 : 0);  // volume
    out.zeros(2);
    write_unity_matrix(out);
    out.u32(width > UINT32_MAX ? std::uint64_t{track.format.width} << 16 : width);
    out.u32(track.format.height << 16);
}

// 8.4.2. The language is the playlist's business.
void write_mdhd(ByteWriter& out, const Track& track) {
    constexpr std::uint16_t kUndetermined = ('u' - 0x60) << 10 | ('n' - 0x60) << 5 | ('d' - 0x60);
    Box box(out, "mdhd", 0, 0);
    out.u32(0);  // creation_time
    out.u32(0);  // modification_time
    out.u32(track.timescale);
    out.u32(0);  // duration
    out.u16(kUndetermined);
    out.zeros(2);
}

// 8.4.3
void write_hdlr(ByteWriter& out, Kind kind) {
    Box box(out, "hdlr", 0, 0);
    out.zeros(4);
    out.text(kind == Kind::video ? "vide" : "soun");
    out.zeros(12);
    out.u8(0);  // name, empty
}

// 8.4.5 and 12.1.2, 12.2.2
void write_media_header(ByteWriter& out, Kind kind) {
    if (kind == Kind::video) {
        Box box(out, "vmhd", 0, 1);
        out.zeros(8);
    } else {
        Box box(out, "smhd", 0, 0);
        out.zeros(4);
    }
}

// 8.7.1, 8.7.2: the media is in the same file.
void write_dinf(ByteWriter& out) {
    constexpr std::uint32_t kSelfContained = 1;
    Box dinf(out, "dinf");
    Box dref(out, "dref", 0, 0);
    out.u32(1);
    Box url(out, "url ", 0, kSelfContained);
}

// 8.5.1: the tables of a file without samples of its own.
void write_stbl(ByteWriter& out, const Track& track, const codec::Description& known) {
    Box stbl(out, "stbl");
    {
        Box stsd(out, "stsd", 0, 0);
        out.u32(1);
        write_sample_entry(out, track.format, known);
    }
    for (std::string_view table : {"stts", "stsc", "stsz", "stco"}) {
        Box box(out, table, 0, 0);
        if (table == "stsz") out.u32(0);  // sample_size
        out.u32(0);                       // entry_count
    }
}

void write_trak(ByteWriter& out, const Track& track, const codec::Description& known) {
    Kind kind = codec::kind_of(track.format.codec);
    Box trak(out, "trak");
    write_tkhd(out, track, known.pixel_aspect);
    Box mdia(out, "mdia");
    write_mdhd(out, track);
    write_hdlr(out, kind);
    Box minf(out, "minf");
    write_media_header(out, kind);
    write_dinf(out);
    write_stbl(out, track, known);
}

// 8.8.1, 8.8.3: no mehd (CM-2), and no defaults, for each fragment brings its own (cmf2).
void write_mvex(ByteWriter& out, const Track& track) {
    Box mvex(out, "mvex");
    Box trex(out, "trex", 0, 0);
    out.u32(track.track_id);
    out.u32(1);  // default_sample_description_index
    out.zeros(3 * 4);
}

Result<> check(const Track& track) {
    constexpr std::uint32_t kMaxSide = 0xffff;  // a sample entry has 16 bits for it
    const codec::TrackFormat& format = track.format;
    if (track.timescale == 0) return fail(Fault::bad_input, "the track has no timescale");
    if (track.track_id == 0) return fail(Fault::bad_input, "the track has no id");
    if (codec::kind_of(format.codec) == Kind::audio) {
        if (format.sample_rate == 0) return fail(Fault::bad_input, "the sample rate is unknown");
        if (format.channels == 0) return fail(Fault::bad_input, "the number of channels is unknown");
    } else {
        if (format.width == 0 || format.height == 0) return fail(Fault::bad_input, "the picture size is unknown");
        if (format.width > kMaxSide || format.height > kMaxSide) {
            return fail(Fault::bad_input, "the picture is larger than 65535 pixels");
        }
    }
    return {};
}

Bytes render(const Track& track, const codec::Description& known) {
    constexpr std::size_t kWithoutConfig = 800;
    ByteWriter out(kWithoutConfig + track.format.config.size());
    write_ftyp(out);
    {
        Box moov(out, "moov");
        write_mvhd(out, track);
        write_trak(out, track, known);
        write_mvex(out, track);
    }
    return std::move(out).take();
}

}  // namespace

Result<Bytes> cmaf_header(const Track& asked) {
    Track track = asked;
    return codec::complete(track.format).and_then([&] { return check(track); }).and_then([&] {
        return codec::describe(track.format).map([&](const codec::Description& known) { return render(track, known); });
    });
}

}  // namespace millrace::hls
