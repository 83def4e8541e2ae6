// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/certificate.hpp"

#include <openssl/ec.h>

#include <chrono>
#include <utility>

#include "webrtc/core/secure/random.hpp"

namespace millrace::webrtc {

namespace {

constexpr auto kBackdated = std::chrono::hours(24);
constexpr auto kValidFor = std::chrono::hours(24 * 365 * 10);

std::time_t seconds_of(UnixTime time) {
    return static_cast<std::time_t>(time.nanoseconds / 1'000'000'000);
}

// The name means nothing, but a certificate has one.
bool set_name(X509* certificate) {
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto* common_name = reinterpret_cast<const unsigned char*>("WebRTC");
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, std::uint32_t serial, UnixTime now) {
    constexpr long version_3 = 2;
    return X509_set_version(certificate, version_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), std::uint64_t{serial} + 1) == 1 &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), seconds_of(now + -kBackdated)) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), seconds_of(now + kValidFor)) != nullptr &&
           X509_set_pubkey(certificate, key) == 1 && set_name(certificate) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

Result<Certificate> Certificate::make(UnixTime now) {
    // Serials of one issuer should differ (RFC 5280 4.1.2.2), and all of these have the same name.
    auto serial = random_u32();
    if (!serial) return tl::unexpected(std::move(serial.error()));
    PrivateKey key(EVP_EC_gen("P-256"));
    X509Certificate certificate(X509_new());
    if (key == nullptr || certificate == nullptr || !fill(certificate.get(), key.get(), *serial, now))
        return fail(Fault::no_resource, "making a certificate: " + take_openssl_error());
    auto fingerprint = fingerprint_of(certificate.get());
    if (!fingerprint) return fail(Fault::no_resource, "hashing a certificate: " + take_openssl_error());
    return Certificate(std::move(key), std::move(certificate), *fingerprint);
}

std::optional<Fingerprint> fingerprint_of(const X509* certificate) {
    Fingerprint fingerprint;
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), fingerprint.sha256.data(), &size) != 1) return {};
    return fingerprint;
}

}  // namespace millrace::webrtc
