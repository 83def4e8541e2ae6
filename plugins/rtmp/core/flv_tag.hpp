// SPDX-License-Identifier: LGPL-2.1-or-later
// The first bytes of an audio or video message, which say what the rest is: FLV tag bodies (Video File Format 10.1,
// Annex E.4) and their successors of Enhanced RTMP v2. Knows where the media bytes are, not what is in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::rtmp {

struct FlvTag {
    enum class Packet { configuration, frame, nothing };  // nothing: an end of sequence, metadata, a seek hint

    Packet packet = Packet::nothing;
    std::optional<codec::Codec> codec;  // nullopt: one that we do not carry
    std::string codec_name;             // for people, when we do not carry it
    bool key = true;
    Duration composition{};  // pts - dts; signed 24-bit milliseconds on the wire
    unsigned track = 0;      // Enhanced RTMP multitrack
    std::size_t offset = 0;  // of the media bytes in the message
    std::size_t size = 0;
};

// One tag, or several from a message that carries several tracks. A tag too short for its own header is bad_input.
Result<std::vector<FlvTag>> read_video_tags(ByteView message);
Result<std::vector<FlvTag>> read_audio_tags(ByteView message);

}  // namespace millrace::rtmp
