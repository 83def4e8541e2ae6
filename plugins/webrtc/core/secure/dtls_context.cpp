// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/dtls_context.hpp"

#include <openssl/srtp.h>

#include <utility>

namespace millrace::webrtc {

namespace {

// RFC 8827 6.5 wants the first of every peer.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384";
// X25519 is the cheaper exchange; P-256 must be named too, or a certificate on that curve is refused.
constexpr const char* kGroups = "X25519:P-256";
// The server's order decides, and GCM costs half of what HMAC-SHA1 does; Chromium itself would choose the other.
constexpr const char* kSrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
// What a peer may make us gather of a chain that only has to be one certificate.
constexpr long kMaxChain = 16 << 10;

bool agree(SSL_CTX* context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cert_verify_callback(context, verify_dtls_peer, nullptr);
    SSL_CTX_set_max_cert_list(context, kMaxChain);
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, kCiphers) == 1 && SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
           SSL_CTX_set_tlsext_use_srtp(context, kSrtpProfiles) == 0;  // zero is its success
}

}  // namespace

Result<DtlsContext> DtlsContext::make(const Certificate& certificate) {
    SslContext context(SSL_CTX_new(DTLS_server_method()));
    if (context == nullptr || !agree(context.get()) ||
        SSL_CTX_use_certificate(context.get(), certificate.certificate()) != 1 ||
        SSL_CTX_use_PrivateKey(context.get(), certificate.key()) != 1)
        return fail(Fault::no_resource, "setting up DTLS: " + take_openssl_error());
    return DtlsContext(std::move(context));
}

}  // namespace millrace::webrtc
