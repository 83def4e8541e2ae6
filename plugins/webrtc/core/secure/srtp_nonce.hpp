// SPDX-License-Identifier: LGPL-2.1-or-later
// What makes each packet's keystream its own: the salt with the source and the packet's index in it. RTP's index is 48
// bits wide, rollover counter and sequence number; RTCP's 31 bits stand at the end of the same field, in both ciphers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc {

// The salt, with the SSRC at `at` and the index in the six bytes behind it.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> salted(const SessionKeys& keys, std::size_t salt_size, std::size_t at,
                                       std::uint32_t ssrc, std::uint64_t index) {
    std::array<std::uint8_t, kSize> out{};
    for (std::size_t i = 0; i < salt_size; ++i) out[i] = keys.salt.bytes[i];
    for (std::size_t i = 0; i < 4; ++i) out[at + i] ^= static_cast<std::uint8_t>(ssrc >> (24 - 8 * i));
    for (std::size_t i = 0; i < 6; ++i) out[at + 4 + i] ^= static_cast<std::uint8_t>(index >> (40 - 8 * i));
    return out;
}

// RFC 7714 8.1 for RTP, 9.1 for RTCP.
inline std::array<std::uint8_t, 12> gcm_nonce(const SessionKeys& keys, std::uint32_t ssrc, std::uint64_t index) {
    return salted<12>(keys, kGcmSaltSize, 2, ssrc, index);
}

// RFC 3711 4.1.1; the last two bytes count the blocks of a packet.
inline std::array<std::uint8_t, 16> counter_block(const SessionKeys& keys, std::uint32_t ssrc, std::uint64_t index) {
    return salted<16>(keys, kSrtpSaltSize, 4, ssrc, index);
}

}  // namespace millrace::webrtc
