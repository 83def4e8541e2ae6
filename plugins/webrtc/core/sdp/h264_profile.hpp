// SPDX-License-Identifier: LGPL-2.1-or-later
// H.264's profile-level-id (RFC 6184 8.1): three bytes, of which the second decides what the first means.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::webrtc {

enum class H264Profile {
    constrained_baseline,
    baseline,
    main,
    extended,
    constrained_high,
    progressive_high,
    high,
    high_10,
    high_422,
    high_444,
};

struct H264ProfileLevel {
    H264Profile profile = H264Profile::baseline;
    // Times ten, but for 1b, which is between 1 and 1.1: 0.
    unsigned level = 10;
    bool operator==(const H264ProfileLevel&) const = default;
};

// The bytes as they stand in avcC or in a sequence parameter set; empty for a profile that WebRTC has no name for.
std::optional<H264ProfileLevel> h264_profile_level(std::uint8_t profile_idc, std::uint8_t constraints,
                                                   std::uint8_t level_idc);
// "42e01f"
std::optional<H264ProfileLevel> parse_profile_level_id(std::string_view text);

// Whether a decoder of one can decode the other (H.264 A.2).
bool decodes(H264Profile decoder, H264Profile stream);

// Levels in their order.
bool level_suffices(const H264ProfileLevel& decoder, const H264ProfileLevel& stream);

}  // namespace millrace::webrtc
