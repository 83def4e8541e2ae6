// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/aac.hpp"

#include <algorithm>
#include <array>

#include "common/codec/bit_reader.hpp"
#include "common/codec/digits.hpp"

namespace millrace::codec {

namespace {

// Table 1.18 and table 1.19.
constexpr std::array<std::uint32_t, 13> kRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                  22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::array<std::uint32_t, 16> kChannels = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};

// Table 1.17, as far as they matter here.
constexpr std::uint32_t kAacScalable = 6;
constexpr std::uint32_t kSbr = 5;
constexpr std::uint32_t kErBsac = 22;
constexpr std::uint32_t kPs = 29;
constexpr std::uint32_t kUsac = 42;
constexpr std::uint32_t kRateEscape = 15;

constexpr std::uint32_t kSbrExtension = 0x2b7;  // syncExtensionType
constexpr std::uint32_t kPsExtension = 0x548;

std::uint32_t read_object_type(BitReader& reader) {
    std::uint32_t type = reader.bits(5);
    return type == 31 ? 32 + reader.bits(6) : type;
}

std::uint32_t read_rate(BitReader& reader) {
    std::uint32_t index = reader.bits(4);
    if (index == kRateEscape) return reader.bits(24);
    return index < kRates.size() ? kRates[index] : 0;
}

// The object types that GASpecificConfig describes (1.6.2.1).
bool is_general_audio(std::uint32_t type) {
    constexpr std::uint32_t kTypes[] = {1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23};
    return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

// 4.4.1.1: where channelConfiguration is 0 the channels are listed as elements, pairs counting two.
std::uint32_t read_program_config(BitReader& reader) {
    reader.skip(4 + 2 + 4);  // element_instance_tag, object_type, sampling_frequency_index
    std::array<std::uint32_t, 3> elements{};
    for (std::uint32_t& count : elements) count = reader.bits(4);  // front, side, back
    std::uint32_t lfe = reader.bits(2);
    std::uint32_t assoc = reader.bits(3);
    std::uint32_t coupling = reader.bits(4);
    if (reader.flag()) reader.skip(4);  // mono_mixdown
    if (reader.flag()) reader.skip(4);  // stereo_mixdown
    if (reader.flag()) reader.skip(3);  // matrix_mixdown
    std::uint32_t channels = lfe;
    for (std::uint32_t count : elements) {
        for (std::uint32_t i = 0; i < count; ++i) {
            channels += reader.flag() ? 2 : 1;
            reader.skip(4);
        }
    }
    reader.skip(4 * std::size_t{lfe} + 4 * std::size_t{assoc} + 5 * std::size_t{coupling});
    return channels;
}

// 4.4.1; the comment field that follows a program config is of no interest, nor is what follows that.
void read_general_audio(BitReader& reader, std::uint32_t channel_configuration, AacConfig& config) {
    bool short_frames = reader.flag();  // frameLengthFlag
    if (short_frames) config.core_samples = 960;
    if (reader.flag()) reader.skip(14);  // dependsOnCoreCoder, coreCoderDelay
    bool extension = reader.flag();
    if (channel_configuration == 0) config.core_channels = read_program_config(reader);
    if (config.object_type == kAacScalable || config.object_type == 20) reader.skip(3);  // layerNr
    if (!extension) return;
    if (config.object_type == kErBsac) reader.skip(5 + 11);
    constexpr std::uint32_t kResilient[] = {17, 19, 20, 23};
    if (std::find(std::begin(kResilient), std::end(kResilient), config.object_type) != std::end(kResilient)) {
        reader.skip(3);
    }
    reader.skip(1);  // extensionFlag3
}

// 1.6.6.1, the backward compatible way: after the core's own configuration, where old decoders do not look.
void read_sync_extension(BitReader& reader, AacConfig& config) {
    if (config.sbr || reader.remaining() < 16 || reader.bits(11) != kSbrExtension) return;
    if (read_object_type(reader) != kSbr) return;
    config.sbr = reader.flag();
    if (!config.sbr) return;
    config.output_rate = read_rate(reader);
    if (reader.remaining() >= 12 && reader.bits(11) == kPsExtension) config.parametric_stereo = reader.flag();
}

}  // namespace

Result<AacConfig> parse_audio_specific_config(ByteView bytes) {
    BitReader reader(bytes);
    AacConfig config;
    config.object_type = read_object_type(reader);
    config.core_rate = config.output_rate = read_rate(reader);
    std::uint32_t channel_configuration = reader.bits(4);
    config.core_channels = kChannels[channel_configuration];
    if (config.object_type == kSbr || config.object_type == kPs) {
        config.sbr = true;
        config.parametric_stereo = config.object_type == kPs;
        config.output_rate = read_rate(reader);
        config.object_type = read_object_type(reader);
        if (config.object_type == kErBsac) reader.skip(4);  // extensionChannelConfiguration
    }
    bool general_audio = is_general_audio(config.object_type);
    if (general_audio) {
        read_general_audio(reader, channel_configuration, config);
        // Behind a program config stands a comment of any length; nobody hides an extension behind that.
        if (channel_configuration != 0) read_sync_extension(reader, config);
    }
    if (reader.failed()) return fail(Fault::bad_input, "the AudioSpecificConfig is truncated");
    if (!general_audio && config.object_type != kUsac) {
        return fail(Fault::bad_input, "MPEG-4 audio object type " + std::to_string(config.object_type) + " is not AAC");
    }
    constexpr std::uint32_t kMaxRate = 192000;
    if (config.core_rate == 0 || config.output_rate == 0 || std::max(config.core_rate, config.output_rate) > kMaxRate) {
        return fail(Fault::bad_input, "the AudioSpecificConfig has an impossible sample rate");
    }
    if (config.core_channels == 0 && config.object_type != kUsac) {
        return fail(Fault::bad_input, "the AudioSpecificConfig has no channels");
    }
    return config;
}

Result<Description> describe_aac(ByteView bytes) {
    return parse_audio_specific_config(bytes).map([](const AacConfig& config) {
        Description out;
        out.sample_rate = config.output_rate;
        out.channels = config.parametric_stereo && config.core_channels == 1 ? 2 : config.core_channels;
        std::uint64_t samples = std::uint64_t{config.core_samples} * config.output_rate / config.core_rate;
        if (config.object_type != kUsac) out.samples_per_frame = static_cast<std::uint32_t>(samples);
        return out;
    });
}

// RFC 6381 3.3. Players choose a decoder by it, so SBR and PS count in whichever way they are signalled.
Result<std::string> codecs_string_aac(ByteView bytes) {
    return parse_audio_specific_config(bytes).map([](const AacConfig& config) {
        return "mp4a.40." + decimal(config.parametric_stereo ? kPs : config.sbr ? kSbr : config.object_type);
    });
}

}  // namespace millrace::codec
