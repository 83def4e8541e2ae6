// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/vp9.hpp"

#include "common/codec/bit_reader.hpp"
#include "common/codec/digits.hpp"

namespace millrace::codec {

namespace {

struct VpConfig {
    unsigned profile = 0;
    unsigned level = 0;
    unsigned bit_depth = 8;
    Colour colour;
};

Result<VpConfig> parse_vp_record(ByteView record) {
    ByteReader reader(record);
    VpConfig config;
    config.profile = reader.u8();
    config.level = reader.u8();
    std::uint8_t format = reader.u8();
    config.bit_depth = format >> 4;
    config.colour.full_range = (format & 1) != 0;
    config.colour.primaries = reader.u8();
    config.colour.transfer = reader.u8();
    config.colour.matrix = reader.u8();
    reader.skip(reader.u16());  // codecInitializationData, empty for VP9
    if (reader.failed()) return fail(Fault::bad_input, "the VP9 configuration is truncated");
    if (config.profile > 3 || (config.bit_depth != 8 && config.bit_depth != 10 && config.bit_depth != 12)) {
        return fail(Fault::bad_input, "the VP9 configuration has an unknown profile or bit depth");
    }
    return config;
}

}  // namespace

Result<Description> describe_vp9(ByteView record) {
    return parse_vp_record(record).map([](const VpConfig& config) {
        Description out;
        out.bit_depth = static_cast<std::uint8_t>(config.bit_depth);
        out.colour = config.colour;
        return out;
    });
}

// VP Codec ISO Media File Format Binding, "Codecs Parameter String", mandatory fields.
Result<std::string> codecs_string_vp9(ByteView record) {
    return parse_vp_record(record).map([](const VpConfig& config) {
        return "vp09." + decimal(config.profile, 2) + '.' + decimal(config.level, 2) + '.' +
               decimal(config.bit_depth, 2);
    });
}

bool is_vp9_key_frame(ByteView frame) {
    BitReader reader(frame);
    bool marker = reader.bits(2) == 2;
    unsigned profile = reader.bits(1);
    profile |= reader.bits(1) << 1;
    if (profile == 3) reader.skip(1);
    bool existing = reader.flag();  // show_existing_frame
    bool key = !reader.flag();      // frame_type
    return marker && !existing && key && !reader.failed();
}

}  // namespace millrace::codec
