// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/ice/demultiplex.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

// RFC 7983 7, figure 3.
Traffic by_table(unsigned first, unsigned second) {
    if (first <= 3) return Traffic::stun;
    if (first >= 20 && first <= 63) return Traffic::dtls;
    if (first >= 128 && first <= 191) return second >= 192 && second <= 223 ? Traffic::rtcp : Traffic::rtp;
    return Traffic::unknown;  // ZRTP, TURN channels, and what has no name
}

TEST(Demultiplex, GoesByTheFirstTwoBytes) {
    for (unsigned first = 0; first < 256; ++first)
        for (unsigned second = 0; second < 256; ++second) {
            const Bytes datagram{static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second), 0, 0};
            ASSERT_EQ(demultiplex(datagram), by_table(first, second)) << first << " " << second;
        }
}

TEST(Demultiplex, KnowsNothingOfNothing) {
    EXPECT_EQ(demultiplex({}), Traffic::unknown);
    EXPECT_EQ(demultiplex(Bytes{0x80}), Traffic::unknown);
    EXPECT_EQ(demultiplex(Bytes{0x00}), Traffic::stun);
}

}  // namespace
}  // namespace millrace::webrtc
