// SPDX-License-Identifier: LGPL-2.1-or-later
// What all viewers' DTLS has in common: our certificate, and what we agree to.
#pragma once

#include "common/base/result.hpp"
#include "webrtc/core/secure/certificate.hpp"
#include "webrtc/core/secure/openssl.hpp"

namespace millrace::webrtc {

class DtlsContext {
  public:
    // Keeps what it needs of the certificate.
    static Result<DtlsContext> make(const Certificate& certificate);

    // Another owner of the same; OpenSSL counts them.
    [[nodiscard]] SslContext share() const {
        SSL_CTX_up_ref(context_.get());
        return SslContext(context_.get());
    }

    [[nodiscard]] DtlsContext another() const { return DtlsContext(share()); }

  private:
    explicit DtlsContext(SslContext context) : context_(std::move(context)) {}

    SslContext context_;
};

// Instead of a chain up to an authority: the fingerprint (RFC 8122 6.2). A wrong one ends the handshake with an alert,
// before anything is agreed. What a DtlsContext asks; the SSL's DtlsSession knows.
int verify_dtls_peer(X509_STORE_CTX* store, void*);

}  // namespace millrace::webrtc
