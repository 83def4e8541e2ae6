// SPDX-License-Identifier: LGPL-2.1-or-later
// Opus's decoder configuration in its two spellings, OpusHead (RFC 7845 5.1) and dOps (Opus in ISO BMFF 4.3.2), and
// the length of a packet.
#pragma once

#include <string>

#include "common/base/result.hpp"
#include "common/codec/description.hpp"

namespace millrace::codec {

inline constexpr std::uint32_t kOpusRate = 48000;  // Hz, whatever the encoder was given

struct OpusConfig {
    std::uint32_t channels = 0;
    std::uint32_t pre_skip = 0;    // samples at 48 kHz
    std::uint32_t input_rate = 0;  // Hz, for information
    std::uint16_t output_gain = 0;
    std::uint8_t mapping_family = 0;
    ByteView mapping;  // stream count, coupled count and one byte a channel; empty for family 0
};

Result<OpusConfig> parse_opus_head(ByteView head);
Result<OpusConfig> parse_dops(ByteView dops);
Bytes write_opus_head(const OpusConfig& config);
Bytes write_dops(const OpusConfig& config);

// Samples at 48 kHz in one packet (RFC 6716 3.1); 0 when it is not a packet.
std::uint32_t opus_packet_samples(ByteView packet);

Result<Description> describe_opus(ByteView dops);
Result<std::string> codecs_string_opus(ByteView dops);

}  // namespace millrace::codec
