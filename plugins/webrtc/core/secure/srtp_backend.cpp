// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/srtp_backend.hpp"

#include <array>

#include "webrtc/core/secure/ipsec_mb.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::array<std::uint8_t, 16> kTrialKey = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr std::array<std::uint8_t, kGcmNonceSize> kTrialNonce = {0x51, 0x75, 0x69, 0x64, 0x20, 0x70};

Bytes trial(const SrtpBackend& backend, std::size_t size) {
    auto gcm = backend.make_gcm(kTrialKey);
    Bytes associated(12, 0x80);
    Bytes plain(size);
    for (std::size_t i = 0; i < size; ++i) plain[i] = static_cast<std::uint8_t>(i * 7);
    Bytes out(size + kGcmTagSize);
    if (gcm == nullptr || !gcm->seal(kTrialNonce, associated, plain, out.data())) return {};
    return out;
}

}  // namespace

// Sizes that take the different ways through a vectorised cipher: nothing, less than a block, one packet with a tail.
bool SrtpBackend::agrees_with(const SrtpBackend& other) const {
    for (std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{64}, std::size_t{171}, std::size_t{1187}}) {
        Bytes mine = trial(*this, size);
        if (mine.empty() || mine != trial(other, size)) return false;
    }
    return true;
}

const SrtpBackend& SrtpBackend::openssl() {
    static const SrtpBackend kOpenssl("OpenSSL", make_evp_gcm);
    return kOpenssl;
}

const SrtpBackend& SrtpBackend::best() {
    static const SrtpBackend kIpsecMb("ipsec-mb", make_ipsec_mb_gcm);
    static const SrtpBackend& kBest = has_ipsec_mb() && kIpsecMb.agrees_with(openssl()) ? kIpsecMb : openssl();
    return kBest;
}

}  // namespace millrace::webrtc
