// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/certificate.hpp"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

namespace millrace::webrtc {
namespace {

constexpr UnixTime kNow{1'700'000'000'000'000'000};
constexpr std::time_t kDay = 86400;

TEST(Certificate, IsItsOwnIssuerOnP256) {
    auto made = Certificate::make(kNow);
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_EQ(X509_verify(made->certificate(), made->key()), 1);
    EXPECT_EQ(X509_check_issued(made->certificate(), made->certificate()), X509_V_OK);
    EXPECT_EQ(EVP_PKEY_get_bits(made->key()), 256);
    EXPECT_EQ(EVP_PKEY_get_base_id(made->key()), EVP_PKEY_EC);
}

TEST(Certificate, IsValidFromYesterdayForTenYears) {
    auto made = Certificate::make(kNow);
    ASSERT_TRUE(made);
    const std::time_t now = kNow.nanoseconds / 1'000'000'000;
    EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notBefore(made->certificate()), now - kDay), 0);
    EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notAfter(made->certificate()), now + 3650 * kDay), 0);
}

TEST(Certificate, IsAnotherEachTime) {
    auto a = Certificate::make(kNow);
    auto b = Certificate::make(kNow);
    EXPECT_NE(a->fingerprint(), b->fingerprint());
    EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(a->certificate()), X509_get0_serialNumber(b->certificate())), 0);
}

TEST(Fingerprint, IsReadAsItIsWritten) {
    auto made = Certificate::make(kNow);
    std::string text = to_text(made->fingerprint());
    EXPECT_EQ(text.size(), 95U);
    EXPECT_EQ(parse_fingerprint(text), made->fingerprint());
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'F' ? char(c + 32) : c; });
    EXPECT_EQ(parse_fingerprint(text), made->fingerprint()) << "in lower case too";
}

TEST(Fingerprint, IsNotReadWhenItIsAnother) {
    const std::string good = to_text(Fingerprint{});
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = 'g';
        EXPECT_FALSE(parse_fingerprint(bad)) << i;
    }
    EXPECT_FALSE(parse_fingerprint(""));
    EXPECT_FALSE(parse_fingerprint(good + ":00"));
    EXPECT_FALSE(parse_fingerprint(good.substr(3)));
}

}  // namespace
}  // namespace millrace::webrtc
