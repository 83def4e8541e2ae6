// SPDX-License-Identifier: LGPL-2.1-or-later
// From what DTLS exports to the keys that packets are protected with: RFC 5764 4.2 splits the bytes by side, RFC 3711
// 4.3 (and RFC 7714 11 for GCM) derives each side's session keys from its master key.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "webrtc/core/secure/secret.hpp"

namespace millrace::webrtc {

// Numbered as DTLS does (RFC 5764 4.1.2, RFC 7714 14.2).
enum class SrtpProfile : std::uint16_t { aes_cm_128_hmac_sha1_80 = 0x0001, aead_aes_128_gcm = 0x0007 };

inline constexpr std::size_t kSrtpKeySize = 16;
inline constexpr std::size_t kSrtpSaltSize = 14;  // of AES-CM; GCM uses the first 12
inline constexpr std::size_t kGcmSaltSize = 12;
inline constexpr std::size_t kSrtpAuthKeySize = 20;

constexpr std::size_t salt_size(SrtpProfile profile) {
    return profile == SrtpProfile::aead_aes_128_gcm ? kGcmSaltSize : kSrtpSaltSize;
}
// What a packet grows by: GCM's tag is 128 bits (RFC 7714 13.1), HMAC-SHA1's is cut to 80 (RFC 3711 5.2).
constexpr std::size_t tag_size(SrtpProfile profile) {
    return profile == SrtpProfile::aead_aes_128_gcm ? 16 : 10;
}
// How many bytes to ask of the DTLS exporter: a key and a salt for each side.
constexpr std::size_t exported_size(SrtpProfile profile) {
    return 2 * (kSrtpKeySize + salt_size(profile));
}

struct MasterKey {
    Secret<kSrtpKeySize> key;
    Secret<kSrtpSaltSize> salt;
};

struct SessionKeys {
    Secret<kSrtpKeySize> cipher;
    Secret<kSrtpAuthKeySize> authentication;  // unused by GCM
    Secret<kSrtpSaltSize> salt;
};

// One side's keys: it protects its RTP and its RTCP with these, and the other side reads with them.
struct SideKeys {
    SessionKeys rtp;
    SessionKeys rtcp;
};

struct SrtpKeys {
    SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
    SideKeys client;
    SideKeys server;
};

Result<SideKeys> derive_side(const MasterKey& master);

// `exported` is exported_size(profile) bytes of EXTRACTOR-dtls_srtp.
Result<SrtpKeys> derive_srtp_keys(SrtpProfile profile, ByteView exported);

}  // namespace millrace::webrtc
