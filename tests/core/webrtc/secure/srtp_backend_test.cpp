// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/srtp_backend.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "webrtc/core/secure/ipsec_mb.hpp"

namespace millrace::webrtc {
namespace {

TEST(SrtpBackend, IsTheFastestThatIsThere) {
    EXPECT_EQ(SrtpBackend::best().name(), has_ipsec_mb() ? "ipsec-mb" : "OpenSSL");
    EXPECT_EQ(&SrtpBackend::best(), &SrtpBackend::best());
    EXPECT_EQ(SrtpBackend::openssl().name(), "OpenSSL");
}

TEST(SrtpBackend, GivesTheSameBytesWhicheverItIs) {
    std::array<std::uint8_t, 16> key{9, 8, 7};
    std::array<std::uint8_t, 12> nonce{1, 2, 3};
    auto best = SrtpBackend::best().make_gcm(key);
    auto openssl = SrtpBackend::openssl().make_gcm(key);
    ASSERT_TRUE(best && openssl);
    for (std::size_t size = 0; size < 1300; size += 7) {
        ++nonce[11];
        const Bytes header(12 + size % 5 * 4, 0x90);
        const Bytes plain(size, static_cast<std::uint8_t>(size));
        Bytes a(size + kGcmTagSize);
        Bytes b(size + kGcmTagSize);
        ASSERT_TRUE(best->seal(nonce, header, plain, a.data()));
        ASSERT_TRUE(openssl->seal(nonce, header, plain, b.data()));
        ASSERT_EQ(a, b) << size;
    }
}

TEST(GcmOpener, OpensWhatWasSealedAndNothingElse) {
    std::array<std::uint8_t, 16> key{1};
    std::array<std::uint8_t, 12> nonce{2};
    auto sealer = make_evp_gcm(key);
    auto opener = make_evp_gcm_opener(key);
    const Bytes header{1, 2, 3};
    const Bytes plain(40, 7);
    Bytes sealed(plain.size() + kGcmTagSize);
    ASSERT_TRUE(sealer->seal(nonce, header, plain, sealed.data()));

    Bytes opened(plain.size());
    EXPECT_TRUE(opener->open(nonce, header, sealed, opened.data()));
    EXPECT_EQ(opened, plain);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        Bytes changed = sealed;
        changed[i] ^= 0x10;
        EXPECT_FALSE(opener->open(nonce, header, changed, opened.data())) << i;
    }
    EXPECT_FALSE(opener->open(nonce, Bytes{1, 2, 4}, sealed, opened.data()));
    EXPECT_FALSE(opener->open(nonce, header, ByteView(sealed).first(15), opened.data()));
}

}  // namespace
}  // namespace millrace::webrtc
