// SPDX-License-Identifier: LGPL-2.1-or-later
// AES counter mode and HMAC-SHA1-80, the transforms that every WebRTC peer has (RFC 3711 4.1.1, 4.2.1), on contexts
// that keep their keys from packet to packet.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/base/bytes.hpp"
#include "webrtc/core/secure/openssl.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc {

class CmSha1 {
  public:
    static constexpr std::size_t kTagSize = 10;
    using Tag = std::array<std::uint8_t, kTagSize>;

    // Empty only when the machine is out of memory.
    static std::optional<CmSha1> make(const SessionKeys& keys);

    // Encrypting and decrypting are the same. `out` has room for as many bytes as `in`, and may be `in` itself.
    bool crypt(const std::array<std::uint8_t, 16>& counter, ByteView in, std::uint8_t* out);
    // The tag of `packet` followed by `trailer`, which is authenticated but need not be in the same place.
    std::optional<Tag> authenticate(ByteView packet, ByteView trailer);

  private:
    CmSha1(CipherContext cipher, MacContext mac) : cipher_(std::move(cipher)), mac_(std::move(mac)) {}

    CipherContext cipher_;
    MacContext mac_;
};

}  // namespace millrace::webrtc
