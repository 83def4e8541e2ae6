// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "webrtc/element/transport/session.hpp"

namespace millrace::webrtc {
namespace {

SessionRef session(std::uint64_t id) {
    return std::make_shared<Session>(id, Fingerprint(), nullptr, TimePoint(), Patience());
}

TEST(SessionTable, FindsAViewerByItsFragment) {
    SessionTable table;
    const SessionRef one = session(1);
    EXPECT_TRUE(table.add(one, {"ufrag-1", "password-1"}));
    EXPECT_EQ(table.find("ufrag-1").session, one);
    EXPECT_EQ(table.find("ufrag-1").password, "password-1");
    EXPECT_EQ(table.find("ufrag-2").session, nullptr);
    EXPECT_EQ(table.find("ufrag-2").password, "");
    EXPECT_EQ(table.find("").session, nullptr);
}

TEST(SessionTable, AFragmentIsOneViewers) {
    SessionTable table;
    const SessionRef one = session(1);
    const SessionRef two = session(2);
    EXPECT_TRUE(table.add(one, {"same", "a"}));
    EXPECT_FALSE(table.add(two, {"same", "b"}));
    EXPECT_EQ(table.find("same").session, one);
    EXPECT_EQ(table.find("same").password, "a");
    EXPECT_FALSE(table.remove(*two).was_there);
    EXPECT_TRUE(table.add(two, {"other", "b"}));
    EXPECT_FALSE(table.rename(*two, {"same", "c"}));
    EXPECT_EQ(table.find("other").password, "b");
    EXPECT_EQ(table.find("same").password, "a");
}

TEST(SessionTable, ARenamedViewerIsNotFoundByItsOldName) {
    SessionTable table;
    const SessionRef one = session(1);
    table.add(one, {"old", "a"});
    table.claim(*one, 3);
    EXPECT_TRUE(table.rename(*one, {"new", "b"}));
    EXPECT_EQ(table.find("old").session, nullptr);
    EXPECT_EQ(table.find("new").session, one);
    EXPECT_EQ(table.find("new").password, "b");
    EXPECT_EQ(table.claim(*one, 5), 3U) << "it stays where it is";
    EXPECT_TRUE(table.add(session(2), {"old", "c"})) << "the name is free";
    EXPECT_TRUE(table.remove(*one).was_there);
    EXPECT_EQ(table.find("new").session, nullptr);
    EXPECT_NE(table.find("old").session, nullptr);
    EXPECT_FALSE(table.rename(*one, {"newer", "d"}));
}

TEST(SessionTable, TheFirstLaneKeepsAViewer) {
    SessionTable table;
    const SessionRef one = session(1);
    EXPECT_FALSE(table.claim(*one, 0)) << "unknown";
    table.add(one, {"a", "a"});
    EXPECT_EQ(table.claim(*one, 1), 1U);
    EXPECT_EQ(table.claim(*one, 0), 1U);
    EXPECT_FALSE(table.remove_unclaimed(*one));
    const auto removed = table.remove(*one);
    EXPECT_TRUE(removed.was_there);
    EXPECT_EQ(removed.lane, 1U);
    EXPECT_FALSE(table.claim(*one, 1));
    EXPECT_FALSE(table.remove(*one).was_there);
}

TEST(SessionTable, AViewerThatNeverCheckedHasNoLane) {
    SessionTable table;
    const SessionRef one = session(1);
    const SessionRef two = session(2);
    table.add(one, {"a", "a"});
    table.add(two, {"b", "b"});
    EXPECT_TRUE(table.remove_unclaimed(*one));
    EXPECT_FALSE(table.remove_unclaimed(*one));
    const auto removed = table.remove(*two);
    EXPECT_TRUE(removed.was_there);
    EXPECT_FALSE(removed.lane);
}

TEST(SessionTable, OfAllWhoWantAViewerOneHasIt) {
    SessionTable table;
    constexpr std::size_t kThreads = 4;
    for (std::uint64_t round = 1; round <= 100; ++round) {
        const SessionRef one = session(round);
        table.add(one, {"a", "a"});
        std::vector<std::optional<std::size_t>> lanes(kThreads);
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { lanes[i] = table.claim(*one, i); });
        for (auto& thread : threads) thread.join();
        ASSERT_TRUE(lanes[0]);
        for (const auto& lane : lanes) EXPECT_EQ(lane, lanes[0]);
        EXPECT_EQ(table.remove(*one).lane, lanes[0]);
    }
}

TEST(SessionTable, TheOwnerOrTheDeadlineEndsAViewerNeverBoth) {
    SessionTable table;
    for (std::uint64_t round = 1; round <= 100; ++round) {
        const SessionRef one = session(round);
        table.add(one, {"a", "a"});
        std::atomic<int> ended{0};
        std::thread owner([&] { ended += table.remove(*one).was_there ? 1 : 0; });
        std::thread deadline([&] { ended += table.remove_unclaimed(*one) ? 1 : 0; });
        owner.join();
        deadline.join();
        EXPECT_EQ(ended, 1);
    }
}

}  // namespace
}  // namespace millrace::webrtc
