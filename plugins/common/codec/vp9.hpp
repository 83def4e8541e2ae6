// SPDX-License-Identifier: LGPL-2.1-or-later
// VP9's decoder configuration: the VPCodecConfigurationRecord, which is vpcC without its version and flags.
#pragma once

#include <string>

#include "common/base/result.hpp"
#include "common/codec/description.hpp"

namespace millrace::codec {

// Depth and colour; the picture's size is not in it.
Result<Description> describe_vp9(ByteView record);
Result<std::string> codecs_string_vp9(ByteView record);

// Whether a frame, or a superframe's first frame, is a key frame (VP9 bitstream specification 6.2).
bool is_vp9_key_frame(ByteView frame);

}  // namespace millrace::codec
