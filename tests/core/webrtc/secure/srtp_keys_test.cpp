// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/srtp_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex_bytes.hpp"

namespace millrace::webrtc {
namespace {

using test::from_hex;

template <std::size_t kSize>
Bytes bytes(const Secret<kSize>& secret) {
    return {secret.bytes.begin(), secret.bytes.end()};
}

// RFC 3711 B.3; its authentication key is longer than HMAC-SHA1's, which is the beginning of it.
TEST(SrtpKeys, AreThoseOfTheRfc) {
    MasterKey master;
    std::ranges::copy(from_hex("e1f97a0d3e018be0d64fa32c06de4139"), master.key.bytes.begin());
    std::ranges::copy(from_hex("0ec675ad498afeebb6960b3aabe6"), master.salt.bytes.begin());
    auto keys = derive_side(master);
    ASSERT_TRUE(keys);
    EXPECT_EQ(bytes(keys->rtp.cipher), from_hex("c61e7a93744f39ee10734afe3ff7a087"));
    EXPECT_EQ(bytes(keys->rtp.salt), from_hex("30cbbc08863d8c85d49db34a9ae1"));
    EXPECT_EQ(bytes(keys->rtp.authentication), from_hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
    EXPECT_NE(bytes(keys->rtcp.cipher), bytes(keys->rtp.cipher));
    EXPECT_NE(bytes(keys->rtcp.salt), bytes(keys->rtp.salt));
}

Bytes counting(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i);
    return bytes;
}

SideKeys derived(ByteView key, ByteView salt) {
    MasterKey master;
    std::ranges::copy(key, master.key.bytes.begin());
    std::ranges::copy(salt, master.salt.bytes.begin());
    return *derive_side(master);
}

class SrtpKeysOfEachProfile : public testing::TestWithParam<SrtpProfile> {};

// RFC 5764 4.2: client key, server key, client salt, server salt.
TEST_P(SrtpKeysOfEachProfile, AreSplitByTheSideThatWritesWithThem) {
    const std::size_t salt = salt_size(GetParam());
    const Bytes exported = counting(exported_size(GetParam()));
    ByteView view = exported;
    auto keys = derive_srtp_keys(GetParam(), exported);
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->profile, GetParam());
    EXPECT_EQ(keys->client.rtp.cipher, derived(view.first(16), view.subspan(32, salt)).rtp.cipher);
    EXPECT_EQ(keys->client.rtcp.salt, derived(view.first(16), view.subspan(32, salt)).rtcp.salt);
    EXPECT_EQ(keys->server.rtp.cipher, derived(view.subspan(16, 16), view.subspan(32 + salt, salt)).rtp.cipher);
}

TEST_P(SrtpKeysOfEachProfile, NeedAllTheirBytes) {
    auto keys = derive_srtp_keys(GetParam(), counting(exported_size(GetParam()) - 1));
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().fault, Fault::bug);
}

INSTANTIATE_TEST_SUITE_P(Both, SrtpKeysOfEachProfile,
                         testing::Values(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80));

}  // namespace
}  // namespace millrace::webrtc
