// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/packet_plan.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace millrace::webrtc {
namespace {

PacketUnit slice(std::size_t size) {
    return {.whole = size, .body = size - 1};
}

TEST(PacketPlan, OneSliceIsDividedEvenly) {
    std::vector<PacketUnit> units = {slice(1001)};
    EXPECT_EQ(plan_packet_size(units, 2, 1000), 502U);
}

TEST(PacketPlan, FewPacketsComeBeforeLittleFilling) {
    std::vector<PacketUnit> units = {slice(1501), slice(3001)};
    std::size_t size = plan_packet_size(units, 2, 1180);
    EXPECT_EQ(size, 1002U);
    EXPECT_EQ(share_of(units[0], 2, size).packets, 2U);
    EXPECT_EQ(share_of(units[1], 2, size).packets, 3U);
}

TEST(PacketPlan, AnotherPacketIsBetterThanABreakInTheRun) {
    // In two packets of 1100 the first would want 1000 bytes of padding, which two packets cannot take.
    std::vector<PacketUnit> units = {slice(1200), slice(1100)};
    std::size_t size = plan_packet_size(units, 2, 1180);
    EXPECT_LT(size, 1000U);
    EXPECT_LE(share_of(units[0], 2, size).spare, 2U * 255);
}

TEST(PacketPlan, WhatMustStayWholeFits) {
    std::vector<PacketUnit> units = {{.whole = 900, .body = 0}, slice(1300)};
    EXPECT_GE(plan_packet_size(units, 2, 1000), 900U);
    EXPECT_EQ(share_of(units[0], 2, 899).packets, 0U);
}

TEST(PacketPlan, EvenSizesAreAtMostTheLimit) {
    EXPECT_EQ(even_size(0, 10), 0U);
    EXPECT_EQ(even_size(10, 10), 10U);
    EXPECT_EQ(even_size(11, 10), 6U);
    EXPECT_EQ(even_size(21, 10), 7U);
}

}  // namespace
}  // namespace millrace::webrtc
