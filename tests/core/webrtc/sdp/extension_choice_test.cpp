// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/extension_choice.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

std::vector<HeaderExtension> all() {
    return {{4, Direction::sendrecv, kMidUri},
            {2, Direction::sendrecv, kAbsSendTimeUri},
            {3, Direction::sendrecv, kTransportCcUri},
            {5, Direction::recvonly, kPlayoutDelayUri},
            {6, Direction::sendrecv, "urn:ietf:params:rtp-hdrext:toffset"}};
}

TEST(Extensions, AreThoseThatAreWantedAndOffered) {
    EXPECT_EQ(choose_extensions(all(), {}), (ExtensionIds{4, 2, 0, 5}));
    EXPECT_EQ(choose_extensions(all(), {.abs_send_time = false, .transport_cc = true}), (ExtensionIds{4, 0, 3, 5}));
    EXPECT_EQ(choose_extensions({}, {}), ExtensionIds());
}

TEST(Extensions, FitAOneByteHeader) {
    EXPECT_EQ(choose_extensions({{15, Direction::sendrecv, kMidUri}}, {}), ExtensionIds());
    EXPECT_EQ(choose_extensions({{14, Direction::sendrecv, kMidUri}}, {}).mid, 14);
}

TEST(Extensions, AreNotWhatTheViewerOnlySends) {
    EXPECT_EQ(choose_extensions({{1, Direction::sendonly, kMidUri}, {2, Direction::inactive, kMidUri}}, {}).mid, 0);
    EXPECT_EQ(choose_extensions({{1, Direction::sendonly, kMidUri}, {2, Direction::recvonly, kMidUri}}, {}).mid, 2);
}

}  // namespace
}  // namespace millrace::webrtc
