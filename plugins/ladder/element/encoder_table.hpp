// SPDX-License-Identifier: LGPL-2.1-or-later
// The encoders that a rung can have, one row each, with what it takes to make them quick, constant in their rate, and
// silent about key frames of their own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/codec/track_format.hpp"
#include "common/gst/codec_elements.hpp"

namespace millrace::ladder {

// x264's presets, which all rows understand: ultrafast … placebo.
bool is_speed(std::string_view name);
std::string all_speeds();

struct EncoderOrder {
    std::string encoder;  // "auto", or an element's name
    codec::Codec codec = codec::Codec::h264;
    std::string speed;
    std::uint64_t bitrate = 0;  // bit/s
    double pixels_per_second = 0;
};

struct MadeEncoder {
    std::string factory;
    std::string raw_format;  // of the pictures that it takes: "I420"
    gst::Elements elements;  // encoder to parsed stream
};

// auto: hardware that works, then the fastest software. no_resource says what is missing and what to install.
Result<MadeEncoder> make_encoder(const EncoderOrder& order);

}  // namespace millrace::ladder
