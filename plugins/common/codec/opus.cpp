// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/opus.hpp"

#include <algorithm>

namespace millrace::codec {

namespace {

constexpr std::string_view kMagic = "OpusHead";

std::uint32_t swapped(std::uint32_t value) {
    return value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff0000) | value << 24;
}
std::uint16_t swapped(std::uint16_t value) {
    return static_cast<std::uint16_t>(value >> 8 | value << 8);
}

// RFC 7845 5.1.1: the channels say all for family 0; for the others streams are listed and mapped.
Result<OpusConfig> checked(OpusConfig config, ByteReader& reader, std::string_view what) {
    if (config.mapping_family != 0) config.mapping = reader.take(2 + config.channels);
    if (reader.failed()) return fail(Fault::bad_input, std::string(what) + " is truncated");
    bool family0_too_wide = config.mapping_family == 0 && config.channels > 2;
    if (config.channels == 0 || family0_too_wide) {
        return fail(Fault::bad_input, std::string(what) + " has an impossible channel count");
    }
    return config;
}

}  // namespace

Result<OpusConfig> parse_opus_head(ByteView head) {
    ByteReader reader(head);
    bool magic = as_text(reader.take(kMagic.size())) == kMagic;
    std::uint8_t version = reader.u8();
    OpusConfig config;
    config.channels = reader.u8();
    config.pre_skip = swapped(reader.u16());
    config.input_rate = swapped(reader.u32());
    config.output_gain = swapped(reader.u16());
    config.mapping_family = reader.u8();
    if (!reader.failed() && (!magic || version > 15))
        return fail(Fault::bad_input, "not an OpusHead of version 0 to 15");
    return checked(config, reader, "OpusHead");
}

Result<OpusConfig> parse_dops(ByteView dops) {
    ByteReader reader(dops);
    std::uint8_t version = reader.u8();
    OpusConfig config;
    config.channels = reader.u8();
    config.pre_skip = reader.u16();
    config.input_rate = reader.u32();
    config.output_gain = reader.u16();
    config.mapping_family = reader.u8();
    if (!reader.failed() && version != 0) return fail(Fault::bad_input, "dOps of unknown version");
    return checked(config, reader, "dOps");
}

Bytes write_opus_head(const OpusConfig& config) {
    ByteWriter out;
    out.text(kMagic);
    out.u8(1);
    out.u8(config.channels);
    out.u16(swapped(static_cast<std::uint16_t>(config.pre_skip)));
    out.u32(swapped(config.input_rate));
    out.u16(swapped(config.output_gain));
    out.u8(config.mapping_family);
    out.bytes(config.mapping);
    return std::move(out).take();
}

Bytes write_dops(const OpusConfig& config) {
    ByteWriter out;
    out.u8(0);
    out.u8(config.channels);
    out.u16(config.pre_skip);
    out.u32(config.input_rate);
    out.u16(config.output_gain);
    out.u8(config.mapping_family);
    out.bytes(config.mapping);
    return std::move(out).take();
}

std::uint32_t opus_packet_samples(ByteView packet) {
    if (packet.empty()) return 0;
    std::uint32_t config = packet[0] >> 3;
    // Table 2: SILK-only 10, 20, 40, 60 ms; hybrid 10, 20 ms; CELT-only 2.5, 5, 10, 20 ms.
    constexpr std::uint32_t kSilk[] = {480, 960, 1920, 2880};
    std::uint32_t samples = config < 12 ? kSilk[config & 3] : config < 16 ? kSilk[config & 1] : 120u << (config & 3);
    switch (packet[0] & 3) {
        case 0:
            return samples;
        case 1:
        case 2:
            return 2 * samples;
        default:
            break;
    }
    std::uint32_t frames = packet.size() > 1 ? packet[1] & 0x3f : 0;
    constexpr std::uint32_t kLongest = 5760;  // 120 ms
    return frames * samples <= kLongest ? frames * samples : 0;
}

Result<Description> describe_opus(ByteView dops) {
    return parse_dops(dops).map([](const OpusConfig& config) {
        Description out;
        out.sample_rate = kOpusRate;
        out.channels = config.channels;
        return out;
    });
}

Result<std::string> codecs_string_opus(ByteView dops) {
    return parse_dops(dops).map([](const OpusConfig&) { return std::string("Opus"); });
}

}  // namespace millrace::codec
