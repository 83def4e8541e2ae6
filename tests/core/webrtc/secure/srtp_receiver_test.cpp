// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/srtp_receiver.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/webrtc/secure/srtp_peer.hpp"
#include "tests/support/hex_bytes.hpp"
#include "webrtc/core/secure/srtp_sender.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::from_hex;
using test::exported_bytes;

// RFC 7714 16.1.2, decrypted.
TEST(SrtpReceiver, ReadsTheGcmPacketOfTheRfc) {
    SessionKeys keys;
    std::ranges::copy(from_hex("000102030405060708090a0b0c0d0e0f"), keys.cipher.bytes.begin());
    std::ranges::copy(from_hex("517569642070726f2071756f"), keys.salt.bytes.begin());
    auto receiver = SrtpReceiver::make(SrtpProfile::aead_aes_128_gcm, keys);
    Bytes packet = from_hex(
        "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf "
        "8833 899d7f27 beb16a91 52cf765e e4390cce");
    auto plain = receiver->unprotect(packet);
    ASSERT_TRUE(plain);
    EXPECT_EQ(Bytes(plain->begin(), plain->end()),
              from_hex("8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 "
                       "61727465 73207472 6573"));
}

Bytes header(std::uint64_t index, std::uint32_t ssrc) {
    ByteWriter out;
    out.u8(0x92);  // with two contributors and an extension
    out.u8(96);
    out.u16(index & 0xffff);
    out.u32(index * 3000 & 0xffffffff);
    out.u32(ssrc);
    out.u64(0x0102030405060708);
    out.u32(0xbede0001);
    out.u32(0x10300000);
    return std::move(out).take();
}

const Bytes kPayload(700, 0x5a);

class SrtpReceiverOfEachProfile : public testing::TestWithParam<SrtpProfile> {
  protected:
    Bytes protect(std::uint64_t index, std::uint32_t ssrc = 1) {
        Bytes out(1500);
        out.resize(sender_.protect(header(index, ssrc), kPayload, index, out));
        return out;
    }
    // What is refused; empty when it was read and is what it was.
    std::optional<SrtpRefusal> read(Bytes packet, std::uint64_t index, std::uint32_t ssrc = 1) {
        auto plain = receiver_.unprotect(packet);
        if (!plain) return plain.error();
        Bytes whole = header(index, ssrc);
        whole.insert(whole.end(), kPayload.begin(), kPayload.end());
        EXPECT_EQ(Bytes(plain->begin(), plain->end()), whole);
        return {};
    }
    std::optional<SrtpRefusal> pass(std::uint64_t index) { return read(protect(index), index); }

    const SrtpKeys keys_ = *derive_srtp_keys(GetParam(), exported_bytes(GetParam()));
    SrtpSender sender_ = *SrtpSender::make(GetParam(), keys_.client.rtp);
    SrtpReceiver receiver_ = *SrtpReceiver::make(GetParam(), keys_.client.rtp);
};

TEST_P(SrtpReceiverOfEachProfile, FollowsTheSequenceThroughManyRollOvers) {
    for (std::uint64_t index = 0xfff0; index < 0x40000; index += 0x1fff) EXPECT_FALSE(pass(index)) << index;
}

TEST_P(SrtpReceiverOfEachProfile, ReadsWhatIsSwappedAroundARollOver) {
    for (std::uint64_t index : {0xfffd, 0x10001, 0xffff, 0x10000, 0xfffe, 0x10003, 0x10002})
        EXPECT_FALSE(pass(index)) << index;
}

TEST_P(SrtpReceiverOfEachProfile, RefusesWhatItHasSeenAndWhatIsTooOldToKnow) {
    EXPECT_FALSE(pass(100));
    const Bytes old = protect(30);
    EXPECT_EQ(pass(100), SrtpRefusal::replayed);
    EXPECT_EQ(read(old, 30), SrtpRefusal::replayed);
    EXPECT_FALSE(pass(37));
    EXPECT_EQ(pass(37), SrtpRefusal::replayed);
}

TEST_P(SrtpReceiverOfEachProfile, RefusesEveryChangedBitAndLearnsNothingOfIt) {
    EXPECT_FALSE(pass(0xffff));
    const Bytes good = protect(0x10000);
    for (std::size_t bit = 0; bit < good.size() * 8; bit += bit < 320 ? 1 : 37) {
        Bytes changed = good;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(receiver_.unprotect(changed)) << bit;
    }
    EXPECT_FALSE(read(good, 0x10000));
}

TEST_P(SrtpReceiverOfEachProfile, HasRoomForSourcesThatForgedPacketsDoNotTake) {
    for (std::uint32_t ssrc = 1000; ssrc < 2000; ++ssrc) {
        Bytes forged(500, 0x80);
        forged[8] = static_cast<std::uint8_t>(ssrc >> 8);
        forged[9] = static_cast<std::uint8_t>(ssrc);
        EXPECT_EQ(receiver_.unprotect(forged).error(), SrtpRefusal::forged);
    }
    for (std::uint32_t ssrc = 1; ssrc <= SrtpReceiver::kMaxSources + 1; ++ssrc) {
        SrtpSender sender = *SrtpSender::make(GetParam(), keys_.client.rtp);
        Bytes packet(1500);
        packet.resize(sender.protect(header(5, ssrc), kPayload, 5, packet));
        const bool fits = ssrc <= SrtpReceiver::kMaxSources;
        EXPECT_EQ(read(packet, 5, ssrc), fits ? std::nullopt : std::optional(SrtpRefusal::too_many_sources));
    }
}

TEST_P(SrtpReceiverOfEachProfile, RefusesLengthsThatLie) {
    for (std::size_t size : {0, 1, 10, 11, 12, 21}) {
        Bytes packet(size, 0x80);
        EXPECT_EQ(receiver_.unprotect(packet).error(), SrtpRefusal::malformed) << size;
    }
    Bytes contributors(50, 0);
    contributors[0] = 0x8f;  // fifteen, which are 60 bytes
    EXPECT_EQ(receiver_.unprotect(contributors).error(), SrtpRefusal::malformed);
    Bytes extension(200, 0xff);
    extension[0] = 0x90;
    EXPECT_EQ(receiver_.unprotect(extension).error(), SrtpRefusal::malformed);
    Bytes longest(65535, 0x80);
    EXPECT_EQ(receiver_.unprotect(longest).error(), SrtpRefusal::forged);
    Bytes other_version(100, 0x40);
    EXPECT_EQ(receiver_.unprotect(other_version).error(), SrtpRefusal::malformed);
}

INSTANTIATE_TEST_SUITE_P(Profiles, SrtpReceiverOfEachProfile,
                         testing::Values(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80));

}  // namespace
}  // namespace millrace::webrtc
