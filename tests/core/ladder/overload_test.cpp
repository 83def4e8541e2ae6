// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/core/overload.hpp"

#include <gtest/gtest.h>

namespace millrace::ladder {
namespace {

constexpr Duration kFrame = 33ms;

class OverloadTest : public testing::Test {
  protected:
    // All rungs report `lag` for as long.
    void run(Duration length, Duration lag) {
        for (const TimePoint end = now_ + length; now_ < end; now_ += kFrame) {
            for (std::size_t rung = 0; rung < 2; ++rung)
                if (overload_.keep(rung) != Keep::none) overload_.report(rung, lag, kFrame, now_);
            const auto change = overload_.update(now_);
            if (change == Overload::Change::less) ++less_;
            if (change == Overload::Change::more) ++more_;
        }
    }

    Overload overload_{2};
    TimePoint now_{1h};
    int less_ = 0;
    int more_ = 0;
};

TEST_F(OverloadTest, AMachineThatKeepsUpGivesNothingUp) {
    run(60s, 40ms);
    EXPECT_EQ(less_, 0);
    EXPECT_EQ(overload_.keep(0), Keep::all);
}

TEST_F(OverloadTest, AHiccupIsNone) {
    run(5s, 40ms);
    run(300ms, 500ms);
    run(5s, 40ms);
    EXPECT_EQ(less_, 0);
}

TEST_F(OverloadTest, TheHighestRungIsThinnedThenGivenUpThenTheNextIsThinned) {
    run(1s, 300ms);
    EXPECT_EQ(overload_.keep(0), Keep::half);
    EXPECT_EQ(overload_.keep(1), Keep::all);
    run(1600ms, 300ms);
    EXPECT_EQ(overload_.keep(0), Keep::none);
    EXPECT_EQ(overload_.keep(1), Keep::all);
    run(10s, 300ms);
    EXPECT_EQ(overload_.keep(0), Keep::none);
    EXPECT_EQ(overload_.keep(1), Keep::half) << "and that is all: the last rung stays";
}

TEST_F(OverloadTest, AllIsTakenBackStepByStep) {
    run(4s, 300ms);
    ASSERT_EQ(overload_.keep(0), Keep::none);
    run(30s, 20ms);
    EXPECT_EQ(overload_.keep(0), Keep::all);
    EXPECT_EQ(overload_.keep(1), Keep::all);
    EXPECT_FALSE(overload_.thinned());
    EXPECT_EQ(more_, less_);
}

TEST_F(OverloadTest, WhatWasTakenBackTooEarlyIsTriedLessAndLessOften) {
    for (const TimePoint end = now_ + 10min; now_ < end;) run(kFrame, overload_.thinned() ? 20ms : 300ms);
    EXPECT_GE(less_, 3);
    EXPECT_LE(less_, 20);
}

TEST_F(OverloadTest, WhatIsStillOnItsWayOfAGivenUpRungIsNotHeldAgainstTheNext) {
    run(1s, 300ms);
    for (; overload_.keep(0) != Keep::none; now_ += kFrame) {
        overload_.report(0, 300ms, kFrame, now_);
        overload_.report(1, 10ms, kFrame, now_);
        overload_.update(now_);
    }
    overload_.report(0, 400ms, kFrame, now_);
    for (const TimePoint end = now_ + 4s; now_ < end; now_ += kFrame) {
        overload_.report(1, 10ms, kFrame, now_);
        overload_.update(now_);
    }
    EXPECT_EQ(overload_.keep(1), Keep::all);
}

TEST_F(OverloadTest, OneSlowRungIsEnough) {
    for (int i = 0; i < 40; ++i, now_ += kFrame) {
        overload_.report(0, 300ms, kFrame, now_);
        overload_.report(1, 10ms, kFrame, now_);
        overload_.update(now_);
    }
    EXPECT_EQ(overload_.keep(0), Keep::half);
}

}  // namespace
}  // namespace millrace::ladder
