// SPDX-License-Identifier: LGPL-2.1-or-later
// Which of the payload types that a viewer offers carries the stream.
#pragma once

#include <optional>

#include "webrtc/core/sdp/offer.hpp"
#include "webrtc/core/sdp/stream_format.hpp"

namespace millrace::webrtc {

// How well an offered payload type suits the stream, best last.
enum class Fit {
    none,
    stretched,  // the codec, of another profile or a lower level: many decoders manage, Safari shows black
    decodable,  // a profile that includes the stream's
    exact,
};

Fit fit_of(const PayloadType& offered, const StreamFormat& stream);

// The payload type of its retransmissions (RFC 4588 8.); null when there is none.
const PayloadType* rtx_of(const MediaSection& section, const PayloadType& primary);

struct CodecChoice {
    const PayloadType* primary = nullptr;
    const PayloadType* rtx = nullptr;  // null when there is none
    Fit fit = Fit::none;
};

// The best fit, and of these the one that the viewer prefers; empty when none carries the codec.
std::optional<CodecChoice> choose_codec(const MediaSection& section, const StreamFormat& stream);

}  // namespace millrace::webrtc
