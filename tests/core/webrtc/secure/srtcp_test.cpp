// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/srtcp.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/webrtc/secure/srtp_peer.hpp"
#include "tests/support/hex_bytes.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::from_hex;
using test::exported_bytes;
using test::key_and_salt;
using test::SrtpPeer;

SessionKeys rfc_keys() {
    SessionKeys keys;
    std::ranges::copy(from_hex("000102030405060708090a0b0c0d0e0f"), keys.cipher.bytes.begin());
    std::ranges::copy(from_hex("517569642070726f2071756f"), keys.salt.bytes.begin());
    return keys;
}

const char* const kRfcPlain =
    "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61"
    "deadbeef deadbeef deadbeef deadbeef deadbeef";

// RFC 7714 17.1, decrypted: index 0x5d4.
TEST(SrtcpReceiver, ReadsTheEncryptedPacketOfTheRfc) {
    auto receiver = SrtcpReceiver::make(SrtpProfile::aead_aes_128_gcm, rfc_keys());
    Bytes packet = from_hex(
        "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda"
        "4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4");
    auto plain = receiver->unprotect(packet);
    ASSERT_TRUE(plain) << plain.error().what;
    EXPECT_EQ(Bytes(plain->begin(), plain->end()), from_hex(kRfcPlain));
}

// RFC 7714 17.2: the same, only authenticated.
TEST(SrtcpReceiver, ReadsTheAuthenticatedPacketOfTheRfc) {
    auto receiver = SrtcpReceiver::make(SrtpProfile::aead_aes_128_gcm, rfc_keys());
    Bytes packet = from_hex(std::string(kRfcPlain) + "841dd968 3dd78ec9 2ae58790 125f62b3 000005d4");
    auto plain = receiver->unprotect(packet);
    ASSERT_TRUE(plain) << plain.error().what;
    EXPECT_EQ(Bytes(plain->begin(), plain->end()), from_hex(kRfcPlain));
}

Bytes report(std::uint32_t ssrc, std::uint8_t seed = 0) {
    ByteWriter out;
    out.u8(0x81);
    out.u8(201);
    out.u16(7);
    out.u32(ssrc);
    for (std::uint8_t i = 0; i < 24; ++i) out.u8(i + seed);
    return std::move(out).take();
}

class SrtcpOfEachProfile : public testing::TestWithParam<SrtpProfile> {
  protected:
    Bytes protect(const Bytes& rtcp) {
        Bytes out(1500);
        out.resize(sender_.protect(rtcp, out));
        return out;
    }
    std::optional<Bytes> read(Bytes packet) {
        auto plain = receiver_.unprotect(packet);
        if (!plain) return {};
        return Bytes(plain->begin(), plain->end());
    }

    const SrtpKeys keys_ = *derive_srtp_keys(GetParam(), exported_bytes(GetParam()));
    SrtcpSender sender_ = *SrtcpSender::make(GetParam(), keys_.server.rtcp);
    SrtcpReceiver receiver_ = *SrtcpReceiver::make(GetParam(), keys_.client.rtcp);
    SrtpPeer reading_viewer_{GetParam(), key_and_salt(GetParam(), true), false};
    SrtpPeer writing_viewer_{GetParam(), key_and_salt(GetParam(), false), true};
};

TEST_P(SrtcpOfEachProfile, IsReadByLibsrtp) {
    for (std::uint8_t i = 0; i < 100; ++i) {
        const Bytes packet = protect(report(1, i));
        EXPECT_EQ(packet.size(), report(1).size() + srtcp_overhead(GetParam()));
        ASSERT_EQ(reading_viewer_.read_rtcp(packet), report(1, i)) << int{i};
    }
}

TEST_P(SrtcpOfEachProfile, ReadsLibsrtp) {
    for (std::uint8_t i = 0; i < 100; ++i) ASSERT_EQ(read(writing_viewer_.write_rtcp(report(1, i))), report(1, i));
}

TEST_P(SrtcpOfEachProfile, CountsEachSourceOfAViewerForItself) {
    // libsrtp has an index a source: the two begin with the same one.
    for (std::uint8_t i = 0; i < 3; ++i)
        for (std::uint32_t ssrc : {1, 2}) EXPECT_EQ(read(writing_viewer_.write_rtcp(report(ssrc, i))), report(ssrc, i));
}

TEST_P(SrtcpOfEachProfile, TakesAPacketOnce) {
    const Bytes first = writing_viewer_.write_rtcp(report(1));
    const Bytes second = writing_viewer_.write_rtcp(report(1));
    EXPECT_TRUE(read(second));
    EXPECT_TRUE(read(first)) << "late is not again";
    Bytes again = first;
    auto plain = receiver_.unprotect(again);
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().fault, Fault::refused);
}

TEST_P(SrtcpOfEachProfile, KnowsEveryChangedByte) {
    const Bytes packet = writing_viewer_.write_rtcp(report(1));
    for (std::size_t i = 0; i < packet.size(); ++i) {
        Bytes changed = packet;
        changed[i] ^= 0x01;
        auto plain = receiver_.unprotect(changed);
        ASSERT_FALSE(plain) << i;
        EXPECT_EQ(plain.error().fault, Fault::bad_input) << i;
    }
    EXPECT_EQ(read(packet), report(1)) << "a forgery does not shut the window";
}

TEST_P(SrtcpOfEachProfile, KnowsEveryCut) {
    const Bytes packet = writing_viewer_.write_rtcp(report(1));
    for (std::size_t size = 0; size < packet.size(); ++size)
        EXPECT_FALSE(read(Bytes(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
}

TEST_P(SrtcpOfEachProfile, IsNotReadWithTheOtherSidesKeys) {
    EXPECT_FALSE(read(protect(report(1))));
}

TEST_P(SrtcpOfEachProfile, HasRoomForSoManySources) {
    for (std::uint32_t ssrc = 0; ssrc < SrtcpReceiver::kMaxSources; ++ssrc)
        EXPECT_TRUE(read(writing_viewer_.write_rtcp(report(ssrc))));
    Bytes packet = writing_viewer_.write_rtcp(report(99));
    EXPECT_EQ(receiver_.unprotect(packet).error().fault, Fault::refused);
}

TEST_P(SrtcpOfEachProfile, WritesNothingWithoutRoomOrHeader) {
    Bytes out(report(1).size() + srtcp_overhead(GetParam()));
    EXPECT_EQ(sender_.protect(report(1), std::span(out).first(out.size() - 1)), 0U);
    EXPECT_EQ(sender_.protect(Bytes(7), out), 0U);
    EXPECT_EQ(sender_.protect(report(1), out), out.size());
}

INSTANTIATE_TEST_SUITE_P(Both, SrtcpOfEachProfile,
                         testing::Values(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80));

}  // namespace
}  // namespace millrace::webrtc
