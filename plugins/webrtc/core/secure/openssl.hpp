// SPDX-License-Identifier: LGPL-2.1-or-later
// Owners of OpenSSL's objects, and what its error queue says.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace millrace::webrtc {

template <auto kFree>
struct OpensslFree {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<EVP_CIPHER_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, OpensslFree<EVP_MAC_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, OpensslFree<EVP_MAC_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using X509Certificate = std::unique_ptr<X509, OpensslFree<X509_free>>;
using BioMethod = std::unique_ptr<BIO_METHOD, OpensslFree<BIO_meth_free>>;
using SslContext = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, OpensslFree<SSL_free>>;

// The oldest error of this thread's queue, which is the cause of the others. Empties the queue: what one connection
// leaves in it would be taken for the next one's failure.
inline std::string take_openssl_error() {
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    ERR_clear_error();
    return reason != nullptr ? reason : "unknown error";
}

}  // namespace millrace::webrtc
