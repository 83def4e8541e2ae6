// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/h264_profile.hpp"

#include <algorithm>

#include "webrtc/core/sdp/words.hpp"

namespace millrace::webrtc {

namespace {

// RFC 6184 8.1, table 5. The constraint flags are the byte's highest bits, set0 first; where `mask` has a bit, it
// counts.
struct Row {
    std::uint8_t profile_idc;
    std::uint8_t mask;
    std::uint8_t constraints;
    H264Profile profile;
};
constexpr Row kProfiles[] = {
    {0x42, 0x4f, 0x40, H264Profile::constrained_baseline},
    {0x4d, 0x8f, 0x80, H264Profile::constrained_baseline},
    {0x58, 0xcf, 0xc0, H264Profile::constrained_baseline},
    {0x42, 0x4f, 0x00, H264Profile::baseline},
    {0x58, 0xcf, 0x80, H264Profile::baseline},
    {0x4d, 0xaf, 0x00, H264Profile::main},
    {0x58, 0xcf, 0x00, H264Profile::extended},
    {0x64, 0xff, 0x0c, H264Profile::constrained_high},
    {0x64, 0xff, 0x08, H264Profile::progressive_high},
    {0x64, 0x0c, 0x00, H264Profile::high},
    {0x6e, 0x00, 0x00, H264Profile::high_10},
    {0x7a, 0x00, 0x00, H264Profile::high_422},
    {0xf4, 0x00, 0x00, H264Profile::high_444},
};

constexpr std::uint8_t kConstraintSet3 = 0x10;
constexpr std::uint8_t kLevel11 = 11;
constexpr std::uint8_t kLevel1b = 9;

// A.2: each profile decodes itself and what is in its row.
bool is_part_of(H264Profile part, H264Profile whole) {
    using P = H264Profile;
    switch (whole) {
        case P::constrained_baseline:
        case P::constrained_high:
            return part == P::constrained_baseline;
        case P::baseline:
        case P::main:
            return part == P::constrained_baseline;
        case P::extended:
            return part == P::baseline || part == P::constrained_baseline;
        case P::progressive_high:
            return part == P::constrained_baseline || part == P::constrained_high;
        default:
            return part != P::baseline && part != P::extended && part < whole;
    }
}

}  // namespace

std::optional<H264ProfileLevel> h264_profile_level(std::uint8_t profile_idc, std::uint8_t constraints,
                                                   std::uint8_t level_idc) {
    for (const Row& row : kProfiles) {
        if (row.profile_idc != profile_idc || (constraints & row.mask) != row.constraints) continue;
        // A.3.1: 1b is 9, or 1.1 with a flag in the profiles that have the flag free.
        const bool is_1b = level_idc == kLevel1b ||
                           (level_idc == kLevel11 && (constraints & kConstraintSet3) != 0 && profile_idc < 0x64);
        return H264ProfileLevel{row.profile, is_1b ? 0U : level_idc};
    }
    return {};
}

std::optional<H264ProfileLevel> parse_profile_level_id(std::string_view text) {
    auto value = text.size() == 6 ? number_in(text, 16) : std::nullopt;
    if (!value) return {};
    return h264_profile_level(static_cast<std::uint8_t>(*value >> 16), static_cast<std::uint8_t>(*value >> 8),
                              static_cast<std::uint8_t>(*value));
}

bool decodes(H264Profile decoder, H264Profile stream) {
    return decoder == stream || is_part_of(stream, decoder);
}

bool level_suffices(const H264ProfileLevel& decoder, const H264ProfileLevel& stream) {
    // Doubled, 1b has a place between 1 and 1.1.
    auto rank = [](unsigned level) { return level == 0 ? 21U : 2 * level; };
    return rank(decoder.level) >= rank(stream.level);
}

}  // namespace millrace::webrtc
