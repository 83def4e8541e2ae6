// SPDX-License-Identifier: LGPL-2.1-or-later
// The codecs we carry, one row each: every name a protocol or container has for it, and how its configuration reads.
// To add a codec, add an enumerator, a row, and its parser. Knows no protocol.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/codec/description.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::codec {

struct CodecRow {
    Codec codec;
    std::string_view name;          // for people: "H.264"
    std::string_view media_type;    // GStreamer's and MIME's: "video/x-h264"
    std::string_view fourcc;        // as Enhanced RTMP and RFC 6381 know it: "avc1", ".mp3"
    std::string_view sample_entry;  // in ISO BMFF: "avc1", "mp4a"
    Result<Description> (*describe)(ByteView config);
    Result<std::string> (*codecs_string)(ByteView config);
};

std::span<const CodecRow> codec_table();
const CodecRow& row_of(Codec codec);
const CodecRow* find_fourcc(std::string_view fourcc);  // nullptr when we do not carry it

// What the configuration says. bad_input when it cannot be used, with the reason.
Result<Description> describe(const TrackFormat& format);

// Fills in and corrects geometry, rate and channels from the configuration; what it leaves open stays as it was.
Result<> complete(TrackFormat& format);

// The CODECS string of RFC 6381: "avc1.64001f", "hvc1.1.6.L93.B0", "av01.0.04M.08", "mp4a.40.2", "Opus".
Result<std::string> codecs_string(const TrackFormat& format);

}  // namespace millrace::codec
