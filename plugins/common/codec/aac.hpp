// SPDX-License-Identifier: LGPL-2.1-or-later
// AAC's decoder configuration: AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1) with SBR and PS where it says so.
#pragma once

#include <string>

#include "common/base/result.hpp"
#include "common/codec/description.hpp"

namespace millrace::codec {

struct AacConfig {
    std::uint32_t object_type = 0;  // of the core: 2 = AAC-LC
    std::uint32_t core_rate = 0;    // Hz, before spectral band replication
    std::uint32_t output_rate = 0;  // Hz, after it
    std::uint32_t core_channels = 0;
    std::uint32_t core_samples = 1024;  // a frame, at core_rate
    bool sbr = false;                   // signalled, in either of the explicit ways
    bool parametric_stereo = false;
};

Result<AacConfig> parse_audio_specific_config(ByteView config);

Result<Description> describe_aac(ByteView config);
Result<std::string> codecs_string_aac(ByteView config);

}  // namespace millrace::codec
