// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/ice/consent.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

constexpr TimePoint kStart{1000s};

TransportAddress address(std::uint8_t last, std::uint16_t port = 5000) {
    TransportAddress address;
    address.ip = {192, 0, 2, last};
    address.port = port;
    return address;
}

TEST(Consent, EndsForWhoNeverConnects) {
    Consent consent(kStart);
    EXPECT_EQ(consent.deadline(), kStart + 15s);
    consent.on_check(address(1), true, kStart + 14s);  // checks alone are no handshake
    EXPECT_EQ(consent.liveness(kStart + 15s - 1ns), Liveness::alive);
    EXPECT_EQ(consent.liveness(kStart + 15s), Liveness::never_connected);
}

TEST(Consent, LastsThirtySecondsFromCheckToCheck) {
    Consent consent(kStart);
    consent.on_check(address(1), true, kStart + 1s);
    consent.on_connected();
    EXPECT_EQ(consent.deadline(), kStart + 31s);
    EXPECT_EQ(consent.liveness(kStart + 31s - 1ns), Liveness::alive);
    EXPECT_EQ(consent.liveness(kStart + 31s), Liveness::consent_lost);
    consent.on_check(address(1), false, kStart + 20s);
    EXPECT_EQ(consent.liveness(kStart + 31s), Liveness::alive);
    EXPECT_EQ(consent.deadline(), kStart + 50s);
    consent.on_check(address(1), false, kStart + 10s);  // told late
    EXPECT_EQ(consent.deadline(), kStart + 50s);
}

TEST(Consent, MediaThatOnlyThePeerCanHaveSentProlongsItAndMovesNobody) {
    Consent consent(kStart);
    consent.on_check(address(1), true, kStart + 1s);
    consent.on_connected();
    consent.on_media(kStart + 25s);
    EXPECT_EQ(consent.liveness(kStart + 31s), Liveness::alive);
    EXPECT_EQ(consent.deadline(), kStart + 55s);
    EXPECT_EQ(consent.address(), address(1));
}

TEST(Consent, TheFirstCheckSaysWhere) {
    Consent consent(kStart);
    EXPECT_FALSE(consent.address());
    EXPECT_TRUE(consent.on_check(address(1), false, kStart));
    EXPECT_EQ(consent.address(), address(1));
    EXPECT_FALSE(consent.on_check(address(1), true, kStart)) << "it is there already";
}

TEST(Consent, OnlyANominationMovesAViewer) {
    Consent consent(kStart);
    consent.on_check(address(1), true, kStart);
    EXPECT_FALSE(consent.on_check(address(2), false, kStart));
    EXPECT_EQ(consent.address(), address(1));
    EXPECT_TRUE(consent.on_check(address(2), true, kStart));
    EXPECT_EQ(consent.address(), address(2));
    EXPECT_TRUE(consent.on_check(address(2, 5001), true, kStart)) << "a port is another address too";
    EXPECT_EQ(consent.address(), address(2, 5001));
}

}  // namespace
}  // namespace millrace::webrtc
