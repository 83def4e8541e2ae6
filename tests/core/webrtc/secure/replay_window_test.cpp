// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/replay_window.hpp"

#include <gtest/gtest.h>

namespace millrace::webrtc {
namespace {

TEST(ReplayWindow, TakesEachIndexOnce) {
    ReplayWindow window;
    for (std::uint32_t index : {0U, 1U, 5U, 3U, 64U, 2U}) {
        EXPECT_TRUE(window.is_fresh(index)) << index;
        window.accept(index);
        EXPECT_FALSE(window.is_fresh(index)) << index;
    }
    EXPECT_TRUE(window.is_fresh(4));
}

TEST(ReplayWindow, DoesNotTrustWhatIsOlderThanItRemembers) {
    ReplayWindow window;
    window.accept(1000);
    EXPECT_TRUE(window.is_fresh(1000 - 63));
    EXPECT_FALSE(window.is_fresh(1000 - 64));
    window.accept(1001);
    EXPECT_FALSE(window.is_fresh(1000));
    EXPECT_FALSE(window.is_fresh(1001 - 64));
}

TEST(ReplayWindow, ForgetsAllWhenItJumps) {
    ReplayWindow window;
    window.accept(1);
    window.accept(0x7fffffff);
    EXPECT_FALSE(window.is_fresh(1));
    EXPECT_FALSE(window.is_fresh(0x7fffffff));
    EXPECT_TRUE(window.is_fresh(0x7fffffff - 63));
}

}  // namespace
}  // namespace millrace::webrtc
