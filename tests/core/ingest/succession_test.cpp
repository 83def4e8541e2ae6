// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ingest/core/succession.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace millrace;
using namespace millrace::ingest;

namespace {

constexpr Duration kReturn = 10s;

struct Words {
    std::string operator()(Take decision) const { return "take " + std::to_string(decision.who); }
    std::string operator()(Refuse decision) const { return "refuse " + std::to_string(decision.who); }
    std::string operator()(Drop) const { return "drop"; }
    std::string operator()(End) const { return "end"; }
};

class AStream : public testing::Test {
  protected:
    // What was decided since last asked, in words.
    std::string decided() {
        std::string text;
        for (const Decision& each : stream_.take_decisions()) {
            text += (text.empty() ? "" : ", ") + std::visit(Words{}, each);
        }
        return text;
    }

    // Taken, connected, and its tracks are out.
    void go_live(Candidate who) {
        stream_.appeared(who, now_);
        stream_.connected();
        decided();
    }

    Succession stream_{kReturn};
    TimePoint now_{};
};

TEST_F(AStream, TakesTheFirstThatAppears) {
    stream_.appeared(1, now_);
    EXPECT_EQ(decided(), "take 1");
}

TEST_F(AStream, RefusesOthersWhileOnePublishes) {
    go_live(1);
    stream_.appeared(2, now_);
    EXPECT_EQ(decided(), "refuse 2");
}

TEST_F(AStream, RefusesThoseThatCameWhileTheFirstWasBeingTaken) {
    stream_.appeared(1, now_);
    stream_.appeared(2, now_);
    stream_.appeared(3, now_);
    stream_.vanished(3);
    EXPECT_EQ(decided(), "take 1");
    stream_.connected();
    EXPECT_EQ(decided(), "refuse 2");
}

TEST_F(AStream, TakesTheNextWhenTheFirstDoesNotArrive) {
    stream_.appeared(1, now_);
    stream_.appeared(2, now_);
    EXPECT_EQ(decided(), "take 1");
    EXPECT_EQ(stream_.deadline(), now_ + Succession::kTakes);
    stream_.tick(now_ + Succession::kTakes - 1ns);
    EXPECT_EQ(decided(), "");
    stream_.tick(now_ + Succession::kTakes);
    EXPECT_EQ(decided(), "drop, take 2");
}

TEST_F(AStream, WaitsForWhoeverIsNextWhenTheFirstDoesNotArrive) {
    stream_.appeared(1, now_);
    stream_.tick(now_ + Succession::kTakes);
    EXPECT_EQ(decided(), "take 1, drop");
    EXPECT_EQ(stream_.deadline(), kNever);
    stream_.appeared(2, now_ + 1h);
    EXPECT_EQ(decided(), "take 2");
}

TEST_F(AStream, KeepsTheSourceForAPublisherThatReturnsTheSameWay) {
    go_live(1);
    stream_.disconnected(true, now_);
    EXPECT_EQ(decided(), "");
    EXPECT_EQ(stream_.deadline(), now_ + kReturn);
    stream_.connected();
    EXPECT_EQ(stream_.deadline(), kNever);
    stream_.tick(now_ + kReturn);
    EXPECT_EQ(decided(), "");
}

TEST_F(AStream, ChangesTheSourceForAPublisherThatReturnsByAnotherWay) {
    go_live(1);
    stream_.disconnected(true, now_);
    stream_.appeared(2, now_ + 3s);
    EXPECT_EQ(decided(), "drop, take 2");
    stream_.connected();
    stream_.tick(now_ + kReturn);
    EXPECT_EQ(decided(), "");
}

TEST_F(AStream, EndsWhenNobodyReturnsInTime) {
    go_live(1);
    stream_.disconnected(true, now_);
    stream_.tick(now_ + kReturn - 1ns);
    EXPECT_EQ(decided(), "");
    stream_.tick(now_ + kReturn);
    EXPECT_EQ(decided(), "drop, end");
    stream_.appeared(2, now_ + kReturn);
    EXPECT_EQ(decided(), "");
    EXPECT_EQ(stream_.deadline(), kNever);
}

TEST_F(AStream, WaitsForOneThatIsBeingTakenWhenTheTimeToReturnPasses) {
    go_live(1);
    stream_.disconnected(true, now_);
    stream_.appeared(2, now_ + kReturn - 1s);
    EXPECT_EQ(decided(), "drop, take 2");
    stream_.tick(now_ + kReturn);
    EXPECT_EQ(decided(), "");
    stream_.tick(now_ + kReturn - 1s + Succession::kTakes);
    EXPECT_EQ(decided(), "drop, end");
}

TEST_F(AStream, ThatShowedNoTrackHasNothingToBeContinued) {
    go_live(1);
    stream_.disconnected(false, now_);
    EXPECT_EQ(decided(), "drop");
    EXPECT_EQ(stream_.deadline(), kNever);
    stream_.appeared(2, now_ + 1h);
    EXPECT_EQ(decided(), "take 2");
}

TEST_F(AStream, AwaitsAnotherPublisherWhenItsSourceIsExhausted) {
    go_live(1);
    stream_.exhausted(true, now_);
    EXPECT_EQ(decided(), "drop");
    stream_.exhausted(true, now_);
    stream_.disconnected(true, now_);
    stream_.appeared(2, now_ + 1s);
    EXPECT_EQ(decided(), "take 2");
}

TEST_F(AStream, DoesNotLiveOnBySourcesThatEndAtOnce) {
    go_live(1);
    stream_.disconnected(true, now_);
    stream_.appeared(2, now_ + 4s);
    stream_.exhausted(true, now_ + 5s);
    EXPECT_EQ(decided(), "drop, take 2, drop");
    EXPECT_EQ(stream_.deadline(), now_ + kReturn);
}

}  // namespace
