// SPDX-License-Identifier: LGPL-2.1-or-later
// Which of the payload types that a publisher offers is to be sent, and with what parameters.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "webrtc/core/sdp/offer.hpp"
#include "webrtc/core/sdp/stream_format.hpp"

namespace millrace::webrtc {

struct PublisherCodec {
    Codec codec = Codec::h264;
    const PayloadType* primary = nullptr;
    const PayloadType* rtx = nullptr;  // null when there is none
};

// The first of `accepted` that the section offers; of several payload types of it the publisher's first, but for
// H.264's, of which those that may fragment pictures come first. Empty when it offers none.
std::optional<PublisherCodec> choose_publisher_codec(const MediaSection& section, std::span<const Codec> accepted);

// The a=fmtp of the answer: what both sides have to say alike, and what we would like to get.
std::string requested_fmtp(const PublisherCodec& choice);

}  // namespace millrace::webrtc
