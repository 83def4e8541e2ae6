// SPDX-License-Identifier: LGPL-2.1-or-later
// AES-128-GCM with one key, as whatever library does it: the seam between SRTP and its backends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "common/base/bytes.hpp"

namespace millrace::webrtc {

inline constexpr std::size_t kGcmNonceSize = 12;
inline constexpr std::size_t kGcmTagSize = 16;

using GcmKeyView = std::span<const std::uint8_t, 16>;
using GcmNonceView = std::span<const std::uint8_t, kGcmNonceSize>;

class GcmSealer {
  public:
    GcmSealer() = default;
    GcmSealer(const GcmSealer&) = delete;
    GcmSealer& operator=(const GcmSealer&) = delete;
    virtual ~GcmSealer() = default;

    // Writes plain.size() bytes and the tag to `out`, which has room for them. `out` may be `plain` itself.
    virtual bool seal(GcmNonceView nonce, ByteView associated, ByteView plain, std::uint8_t* out) = 0;
};

// The way back. What viewers send is little: OpenSSL alone does this.
class GcmOpener {
  public:
    GcmOpener() = default;
    GcmOpener(const GcmOpener&) = delete;
    GcmOpener& operator=(const GcmOpener&) = delete;
    virtual ~GcmOpener() = default;

    // `sealed` ends with the tag; writes what is before it to `out`, which may be `sealed` itself. False when the tag
    // is wrong: what was written is then worth nothing.
    virtual bool open(GcmNonceView nonce, ByteView associated, ByteView sealed, std::uint8_t* out) = 0;
};

// OpenSSL's, which is always there. Empty only when the machine is out of memory.
std::unique_ptr<GcmSealer> make_evp_gcm(GcmKeyView key);
std::unique_ptr<GcmOpener> make_evp_gcm_opener(GcmKeyView key);

}  // namespace millrace::webrtc
