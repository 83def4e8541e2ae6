// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/av1.hpp"

#include <algorithm>

#include "common/codec/bit_reader.hpp"
#include "common/codec/digits.hpp"
#include "common/codec/vui.hpp"

namespace millrace::codec {

namespace {

struct Av1Config {
    std::uint8_t profile = 0;
    std::uint8_t level = 0;
    bool high_tier = false;
    unsigned bit_depth = 8;
    ByteView obus;
};

unsigned bit_depth_of(unsigned profile, bool high, bool twelve) {
    return !high ? 8 : profile == 2 && twelve ? 12 : 10;
}

Result<Av1Config> parse_av1c(ByteView av1c) {
    ByteReader reader(av1c);
    std::uint8_t marker = reader.u8();
    std::uint8_t profile_level = reader.u8();
    std::uint8_t format = reader.u8();
    reader.skip(1);  // initial presentation delay
    if (reader.failed()) return fail(Fault::bad_input, "av1C is truncated");
    if (marker != 0x81) return fail(Fault::bad_input, "av1C without marker or of unknown version");
    Av1Config config;
    config.profile = profile_level >> 5;
    config.level = profile_level & 0x1f;
    config.high_tier = (format & 0x80) != 0;
    config.bit_depth = bit_depth_of(config.profile, (format & 0x40) != 0, (format & 0x20) != 0);
    config.obus = reader.rest();
    return config;
}

// 5.5.5 operating_parameters_info and its surroundings; what we want of it is nothing but its length.
struct DecoderModel {
    bool present = false;
    unsigned buffer_delay_bits = 0;
};

std::uint32_t uvlc(BitReader& reader) {
    return reader.ue();
}  // 4.10.3, the same code as ue(v)

DecoderModel read_timing(BitReader& reader, Description& out) {
    DecoderModel model;
    if (!reader.flag()) return model;  // timing_info_present_flag
    std::uint64_t units_in_tick = reader.bits(32);
    std::uint64_t time_scale = reader.bits(32);
    if (reader.flag()) {  // equal_picture_interval
        std::uint64_t ticks_per_picture = std::uint64_t{uvlc(reader)} + 1;
        if (ticks_per_picture <= 0x10000)
            out.frame_rate = plausible_frame_rate(time_scale, units_in_tick * ticks_per_picture);
    }
    model.present = reader.flag();  // decoder_model_info_present_flag
    if (model.present) {
        model.buffer_delay_bits = reader.bits(5) + 1;
        reader.skip(32 + 5 + 5);
    }
    return model;
}

// A sequence header: what it says of the stream, and what av1C repeats of it.
struct SequenceHeader {
    Description description;
    unsigned profile = 0;
    unsigned level = 0;  // of the first operating point, which is the whole stream
    bool high_tier = false;
    bool high_bit_depth = false;
    bool twelve_bit = false;
    bool monochrome = false;
    bool subsampled_x = true;
    bool subsampled_y = true;
    unsigned sample_position = 0;  // of chroma
};

void read_operating_points(BitReader& reader, const DecoderModel& model, SequenceHeader& out) {
    bool initial_delay_present = reader.flag();
    unsigned points = reader.bits(5) + 1;
    for (unsigned i = 0; i < points && !reader.failed(); ++i) {
        reader.skip(12);  // operating_point_idc
        const unsigned level = reader.bits(5);
        const bool high_tier = level > 7 && reader.flag();
        if (i == 0) {
            out.level = level;
            out.high_tier = high_tier;
        }
        if (model.present && reader.flag()) reader.skip(2 * std::size_t{model.buffer_delay_bits} + 1);
        if (initial_delay_present && reader.flag()) reader.skip(4);
    }
}

// 5.5.1, from enable_order_hint on; not sent with a reduced still picture header.
void skip_inter_tools(BitReader& reader) {
    reader.skip(4);  // interintra, masked compound, warped motion, dual filter
    bool order_hint = reader.flag();
    if (order_hint) reader.skip(2);                        // jnt_comp, ref_frame_mvs
    bool chosen_tools = reader.flag();                     // seq_choose_screen_content_tools
    bool screen_content = chosen_tools || reader.flag();   // seq_force_screen_content_tools > 0
    if (screen_content && !reader.flag()) reader.skip(1);  // seq_choose_integer_mv, seq_force_integer_mv
    if (order_hint) reader.skip(3);                        // order_hint_bits_minus_1
}

// 5.5.2
void read_subsampling(BitReader& reader, SequenceHeader& out) {
    const bool any = out.profile == 0 || (out.profile == 2 && !out.twelve_bit);
    out.subsampled_x = out.profile != 1 && (any || reader.flag());
    out.subsampled_y = out.profile == 0 || (out.profile == 2 && out.twelve_bit && out.subsampled_x && reader.flag());
    if (out.subsampled_x && out.subsampled_y) out.sample_position = reader.bits(2);
}

void read_colour(BitReader& reader, SequenceHeader& out) {
    out.high_bit_depth = reader.flag();
    out.twelve_bit = out.profile == 2 && out.high_bit_depth && reader.flag();
    out.description.bit_depth =
        static_cast<std::uint8_t>(bit_depth_of(out.profile, out.high_bit_depth, out.twelve_bit));
    out.monochrome = out.profile != 1 && reader.flag();
    Colour colour;
    const bool described = reader.flag();
    if (described) {
        colour.primaries = static_cast<std::uint8_t>(reader.bits(8));
        colour.transfer = static_cast<std::uint8_t>(reader.bits(8));
        colour.matrix = static_cast<std::uint8_t>(reader.bits(8));
    }
    const bool srgb = !out.monochrome && colour.primaries == 1 && colour.transfer == 13 && colour.matrix == 0;
    colour.full_range = srgb || reader.flag();
    if (described) out.description.colour = colour;
    if (out.monochrome) return;
    if (srgb)
        out.subsampled_x = out.subsampled_y = false;
    else
        read_subsampling(reader, out);
}

Result<SequenceHeader> read_sequence_header(ByteView payload) {
    BitReader reader(payload);
    SequenceHeader out;
    out.profile = reader.bits(3);
    reader.skip(1);  // still_picture
    bool reduced = reader.flag();
    if (reduced) {
        out.level = reader.bits(5);
    } else {
        const DecoderModel model = read_timing(reader, out.description);
        read_operating_points(reader, model, out);
    }
    unsigned width_bits = reader.bits(4) + 1;
    unsigned height_bits = reader.bits(4) + 1;
    out.description.width = reader.bits(width_bits) + 1;
    out.description.height = reader.bits(height_bits) + 1;
    if (!reduced && reader.flag()) reader.skip(4 + 3);  // frame_id_numbers_present_flag
    reader.skip(3);                                     // 128x128 superblocks, filter intra, intra edge filter
    if (!reduced) skip_inter_tools(reader);
    reader.skip(3);  // superres, cdef, restoration
    read_colour(reader, out);
    if (reader.failed()) return fail(Fault::bad_input, "the AV1 sequence header is truncated");
    return out;
}

std::optional<Obu> first_sequence_header(ObuReader& obus) {
    while (auto obu = obus.next())
        if (obu->type == Av1Obu::sequence_header) return obu;
    return std::nullopt;
}

}  // namespace

std::size_t ObuReader::leb128() {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) {
        std::uint8_t byte = reader_.u8();
        value |= std::uint64_t{byte & 0x7fu} << (7 * i);
        if ((byte & 0x80) == 0) break;
    }
    return value;
}

std::optional<Obu> ObuReader::next() {
    if (reader_.empty()) return std::nullopt;
    ByteView from = reader_.rest();
    std::uint8_t header = reader_.u8();
    if ((header & 0x04) != 0) reader_.skip(1);  // obu_extension_flag
    bool sized = (header & 0x02) != 0;
    Obu obu;
    obu.type = static_cast<Av1Obu>(header >> 3 & 0x0f);
    obu.payload = reader_.take(sized ? leb128() : reader_.remaining());
    if (reader_.failed()) return std::nullopt;
    obu.whole = from.first(from.size() - reader_.remaining());
    return obu;
}

Result<Description> parse_av1_sequence_header(ByteView payload) {
    return read_sequence_header(payload).map([](const SequenceHeader& header) { return header.description; });
}

// AV1 in ISO BMFF 2.3.3
Result<Bytes> write_av1c(ByteView obus) {
    ObuReader reader(obus);
    auto obu = first_sequence_header(reader);
    if (!obu) return fail(Fault::bad_input, "no AV1 sequence header");
    return read_sequence_header(obu->payload).map([&](const SequenceHeader& header) {
        ByteWriter out(4 + obu->whole.size());
        out.u8(0x81);  // the marker, and version 1
        out.u8(header.profile << 5 | header.level);
        out.u8(unsigned{header.high_tier} << 7 | unsigned{header.high_bit_depth} << 6 |
               unsigned{header.twelve_bit} << 5 | unsigned{header.monochrome} << 4 |
               unsigned{header.subsampled_x} << 3 | unsigned{header.subsampled_y} << 2 | header.sample_position);
        out.u8(0);  // no initial presentation delay
        out.bytes(obu->whole);
        return std::move(out).take();
    });
}

Result<Description> describe_av1(ByteView av1c) {
    return parse_av1c(av1c).and_then([](const Av1Config& config) -> Result<Description> {
        ObuReader obus(config.obus);
        if (auto header = first_sequence_header(obus)) return parse_av1_sequence_header(header->payload);
        if (obus.failed()) return fail(Fault::bad_input, "av1C is truncated");
        Description out;
        out.bit_depth = static_cast<std::uint8_t>(config.bit_depth);
        return out;
    });
}

// AV1 in ISO BMFF, section 5, without the optional colour fields.
Result<std::string> codecs_string_av1(ByteView av1c) {
    return parse_av1c(av1c).map([](const Av1Config& config) {
        return "av01." + decimal(config.profile) + '.' + decimal(config.level, 2) + (config.high_tier ? "H." : "M.") +
               decimal(config.bit_depth, 2);
    });
}

}  // namespace millrace::codec
