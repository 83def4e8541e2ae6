// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/srtp_sender.hpp"

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

// RFC 7714 16.1.1: the session key and salt are given, there is no derivation.
TEST(SrtpSender, GivesTheGcmPacketOfTheRfc) {
    SessionKeys keys;
    std::ranges::copy(from_hex("000102030405060708090a0b0c0d0e0f"), keys.cipher.bytes.begin());
    std::ranges::copy(from_hex("517569642070726f2071756f"), keys.salt.bytes.begin());
    const Bytes header = from_hex("8040f17b 8041f8d3 5501a0b2");
    const Bytes payload =
        from_hex("47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573");
    for (const SrtpBackend* backend : {&SrtpBackend::openssl(), &SrtpBackend::best()}) {
        auto sender = SrtpSender::make(SrtpProfile::aead_aes_128_gcm, keys, *backend);
        ASSERT_TRUE(sender);
        Bytes out(header.size() + payload.size() + sender->overhead());
        ASSERT_EQ(sender->protect(header, payload, 0xf17b, out), out.size());
        EXPECT_EQ(out, from_hex("8040f17b 8041f8d3 5501a0b2"
                                "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833"
                                "899d7f27 beb16a91 52cf765e e4390cce"))
            << backend->name();
    }
}

Bytes rtp_header(std::uint64_t index, std::uint32_t ssrc = 0x11223344) {
    ByteWriter out;
    out.u8(0x90);  // with an extension
    out.u8(96);
    out.u16(index & 0xffff);
    out.u32(index * 3000 & 0xffffffff);
    out.u32(ssrc);
    out.u16(0xbede);
    out.u16(1);
    out.u32(0x10300000);
    return std::move(out).take();
}

Bytes payload_of(std::size_t size, std::uint64_t seed = 1) {
    Bytes payload(size);
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::uint8_t>(i * 13 + seed);
    return payload;
}

Bytes joined(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

class SrtpSenderOfEachProfile : public testing::TestWithParam<SrtpProfile> {
  protected:
    Bytes protect(const Bytes& header, const Bytes& payload, std::uint64_t index) {
        Bytes out(1500);
        out.resize(sender_.protect(header, payload, index, out));
        return out;
    }

    const SrtpKeys keys_ = *derive_srtp_keys(GetParam(), exported_bytes(GetParam()));
    SrtpSender sender_ = *SrtpSender::make(GetParam(), keys_.server.rtp);
    SrtpPeer viewer_{GetParam(), key_and_salt(GetParam(), true), false};
};

TEST_P(SrtpSenderOfEachProfile, IsReadByLibsrtp) {
    std::uint64_t index = 4711;
    for (std::size_t size : {0, 1, 15, 16, 17, 160, 1000, 1187, 1200}) {
        const Bytes header = rtp_header(++index);
        const Bytes payload = payload_of(size, index);
        const Bytes packet = protect(header, payload, index);
        EXPECT_EQ(packet.size(), header.size() + size + sender_.overhead());
        EXPECT_EQ(viewer_.read_rtp(packet), joined(header, payload)) << size;
    }
}

TEST_P(SrtpSenderOfEachProfile, CountsRollOversAsAReceiverDoes) {
    // From deep within the stream's fourth roll-over, through two more: the viewer begins to count at none.
    const Bytes payload = payload_of(100);
    for (std::uint64_t index = 0x3f000; index < 0x60000; index += 0x1f1) {
        const Bytes header = rtp_header(index);
        ASSERT_EQ(viewer_.read_rtp(protect(header, payload, index)), joined(header, payload)) << std::hex << index;
    }
}

TEST_P(SrtpSenderOfEachProfile, CountsEachSourceForItself) {
    const Bytes payload = payload_of(100);
    for (std::uint64_t i = 0; i < 10; ++i) {
        for (std::uint32_t ssrc : {1, 2, 3}) {
            const std::uint64_t index = 0xfffc + ssrc * 0x123450000 + i;
            const Bytes header = rtp_header(index, ssrc);
            ASSERT_EQ(viewer_.read_rtp(protect(header, payload, index)), joined(header, payload)) << ssrc << " " << i;
        }
    }
}

TEST_P(SrtpSenderOfEachProfile, RepeatsAPacketByteForByte) {
    const Bytes header = rtp_header(70000);
    const Bytes payload = payload_of(1000);
    const Bytes once = protect(header, payload, 70000);
    protect(rtp_header(70001), payload, 70001);
    EXPECT_EQ(protect(header, payload, 70000), once);
    EXPECT_TRUE(viewer_.read_rtp(once));
    EXPECT_FALSE(viewer_.read_rtp(once)) << "the viewer knows a replay";
}

TEST_P(SrtpSenderOfEachProfile, TakesAHeaderThatIsInItsPlaceAlready) {
    const Bytes header = rtp_header(9);
    const Bytes payload = payload_of(300);
    Bytes out = header;
    out.resize(1500);
    out.resize(sender_.protect(ByteView(out).first(header.size()), payload, 9, out));
    EXPECT_EQ(viewer_.read_rtp(out), joined(header, payload));
}

TEST_P(SrtpSenderOfEachProfile, WritesNothingWithoutRoom) {
    const Bytes header = rtp_header(9);
    const Bytes payload = payload_of(300);
    Bytes exact(header.size() + payload.size() + sender_.overhead());
    EXPECT_EQ(sender_.protect(header, payload, 9, std::span(exact).first(exact.size() - 1)), 0U);
    EXPECT_EQ(exact, Bytes(exact.size()));
    EXPECT_EQ(sender_.protect(header, payload, 9, exact), exact.size());
}

TEST_P(SrtpSenderOfEachProfile, RefusesWhatAViewerCouldNotRead) {
    Bytes out(1500);
    EXPECT_EQ(sender_.protect(payload_of(11), {}, 0, out), 0U) << "no whole header";
    EXPECT_EQ(sender_.protect(rtp_header(5), {}, 6, out), 0U) << "another sequence number";
    EXPECT_NE(sender_.protect(rtp_header(0x20005), {}, 0x20005, out), 0U);
    EXPECT_EQ(sender_.protect(rtp_header(0x1ffff), {}, 0x1ffff, out), 0U) << "from before its rollover counter began";
}

TEST_P(SrtpSenderOfEachProfile, HasRoomForSoManySources) {
    Bytes out(1500);
    for (std::uint32_t ssrc = 0; ssrc < SrtpSender::kMaxSources; ++ssrc)
        EXPECT_NE(sender_.protect(rtp_header(1, ssrc), {}, 1, out), 0U);
    EXPECT_EQ(sender_.protect(rtp_header(1, 99), {}, 1, out), 0U);
    EXPECT_NE(sender_.protect(rtp_header(2, 0), {}, 2, out), 0U);
}

TEST_P(SrtpSenderOfEachProfile, HidesThePayloadAndNotTheHeader) {
    const Bytes header = rtp_header(1);
    const Bytes payload(64, 0x41);
    const Bytes packet = protect(header, payload, 1);
    EXPECT_TRUE(std::equal(header.begin(), header.end(), packet.begin()));
    const Bytes part(8, 0x41);
    EXPECT_EQ(std::search(packet.begin(), packet.end(), part.begin(), part.end()), packet.end());
}

INSTANTIATE_TEST_SUITE_P(Both, SrtpSenderOfEachProfile,
                         testing::Values(SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80));

}  // namespace
}  // namespace millrace::webrtc
