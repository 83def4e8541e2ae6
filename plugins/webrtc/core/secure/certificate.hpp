// SPDX-License-Identifier: LGPL-2.1-or-later
// Who we are to viewers: a key and a certificate that nobody signed, made when the process starts. What makes it ours
// is its fingerprint in the answer, which came over the signalling's HTTPS (RFC 8827 5.6.1).
#pragma once

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "webrtc/core/secure/fingerprint.hpp"
#include "webrtc/core/secure/openssl.hpp"

namespace millrace::webrtc {

class Certificate {
  public:
    // ECDSA P-256, which every peer has and which costs a third less a handshake than RSA. Valid from a day before
    // `now`, for clocks that are behind ours, and for ten years.
    static Result<Certificate> make(UnixTime now);

    [[nodiscard]] const Fingerprint& fingerprint() const { return fingerprint_; }
    [[nodiscard]] X509* certificate() const { return certificate_.get(); }
    [[nodiscard]] EVP_PKEY* key() const { return key_.get(); }

  private:
    Certificate(PrivateKey key, X509Certificate certificate, const Fingerprint& fingerprint)
        : key_(std::move(key)), certificate_(std::move(certificate)), fingerprint_(fingerprint) {}

    PrivateKey key_;
    X509Certificate certificate_;
    Fingerprint fingerprint_;
};

// Empty only when the machine is out of memory.
std::optional<Fingerprint> fingerprint_of(const X509* certificate);

}  // namespace millrace::webrtc
