// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/viewer/send_arena.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

TransportAddress port(std::uint16_t number) {
    return {.ip = {192, 0, 2, 1}, .is_v6 = false, .port = number};
}

bool put(SendArena& arena, std::uint16_t to, std::size_t size) {
    auto out = arena.reserve(size);
    if (out.empty()) return false;
    arena.commit(port(to), size);
    return true;
}

TEST(SendArena, MakesOneRunOfPacketsOfOneSizeOfWhichTheLastMayBeShorter) {
    SendArena arena;
    for (std::size_t size : {1000, 1000, 1000, 700, 1000, 1200, 1200}) ASSERT_TRUE(put(arena, 1, size));
    ASSERT_EQ(arena.runs().size(), 3U);
    EXPECT_EQ(arena.runs()[0].segment, 1000U);
    EXPECT_EQ(arena.runs()[0].size, 3700U);
    EXPECT_EQ(arena.runs()[1].size, 1000U);
    EXPECT_EQ(arena.runs()[2].segment, 1200U);
    EXPECT_EQ(arena.runs()[2].offset, 4700U);
}

TEST(SendArena, MixesNoViewersInARun) {
    SendArena arena;
    for (std::uint16_t to : {1, 1, 2, 1}) ASSERT_TRUE(put(arena, to, 100));
    ASSERT_EQ(arena.runs().size(), 3U);
    EXPECT_EQ(arena.runs()[1].to, port(2));
}

TEST(SendArena, EndsARunAtSoManySegmentsAndBytes) {
    SendArena small;
    for (int i = 0; i < 65; ++i) ASSERT_TRUE(put(small, 1, 10));
    ASSERT_EQ(small.runs().size(), 2U);
    EXPECT_EQ(small.runs()[0].size, 640U);
    SendArena large;
    for (int i = 0; i < 51; ++i) ASSERT_TRUE(put(large, 1, 1200));
    ASSERT_EQ(large.runs().size(), 2U);
    EXPECT_EQ(large.runs()[0].size, 60'000U);
}

TEST(SendArena, IsFullAtItsSizeAndEmptyWhenCleared) {
    SendArena arena(2500);
    EXPECT_TRUE(put(arena, 1, 1200));
    EXPECT_TRUE(put(arena, 1, 1200));
    EXPECT_FALSE(put(arena, 1, 1200));
    EXPECT_EQ(arena.room(), 100U);
    EXPECT_TRUE(put(arena, 1, 100));
    EXPECT_EQ(arena.bytes(arena.runs()[0]).size(), 2500U);
    arena.clear();
    EXPECT_TRUE(arena.empty());
    EXPECT_EQ(arena.room(), 2500U);
}

TEST(SendArena, KeepsNothingThatWasReservedOnly) {
    SendArena arena(100);
    EXPECT_EQ(arena.reserve(100).size(), 100U);
    EXPECT_TRUE(arena.empty());
    arena.commit(port(1), 101);
    arena.commit(port(1), 0);
    EXPECT_TRUE(arena.empty());
}

}  // namespace
}  // namespace millrace::webrtc
