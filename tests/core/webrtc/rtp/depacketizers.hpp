// SPDX-License-Identifier: LGPL-2.1-or-later
// Payloads read as a receiver does, by code that shares nothing with what wrote them. What a receiver could not make
// sense of throws std::runtime_error.
#pragma once

#include <vector>

#include "webrtc/core/rtp/packetizer.hpp"

namespace millrace::test {

// The payloads as they leave the RTP layer: without padding. Checks the padding and the marker.
std::vector<Bytes> unpadded(const webrtc::Payloads& payloads, bool video = true);

std::vector<Bytes> h264_nals(const std::vector<Bytes>& payloads);  // RFC 6184
std::vector<Bytes> h265_nals(const std::vector<Bytes>& payloads);  // RFC 7798

struct Picture {
    Bytes frame;
    unsigned id = 0;
    bool key = false;  // VP9: not predicted
    Bytes structure;   // VP9: the scalability structure
};
Picture vp8_picture(const std::vector<Bytes>& payloads);  // RFC 7741
Picture vp9_picture(const std::vector<Bytes>& payloads);  // RFC 9628

struct TemporalUnit {
    std::vector<Bytes> obus;  // without size fields
    bool starts_sequence = false;
};
TemporalUnit av1_temporal_unit(const std::vector<Bytes>& payloads);

// One UDP send with segmentation makes them all.
bool is_one_run(const webrtc::Payloads& payloads);

// The same bytes every time, that look like an entropy coder's: no start codes to be seen.
Bytes noise(std::size_t size, std::uint32_t seed);

}  // namespace millrace::test
