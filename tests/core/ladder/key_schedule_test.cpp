// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/core/key_schedule.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace millrace::ladder {
namespace {

constexpr Duration kFrame = 40ms;

Duration at(int frame) {
    return frame * kFrame;
}

// The numbers of the key frames among `count` pictures from `first` on.
std::vector<int> keys(KeySchedule& schedule, int first, int count) {
    std::vector<int> found;
    for (int frame = first; frame < first + count; ++frame)
        if (schedule.is_key(at(frame))) found.push_back(frame);
    return found;
}

TEST(KeySchedule, FollowsTheInput) {
    auto schedule = KeySchedule::following();
    for (int key : {0, 7, 60}) schedule.input_key(at(key));
    EXPECT_EQ(keys(schedule, 0, 100), (std::vector{0, 7, 60}));
}

TEST(KeySchedule, ADecoderThatLosesTheKeyFrameGivesItToTheNext) {
    auto schedule = KeySchedule::following();
    schedule.input_key(at(0));
    schedule.input_key(at(10));
    EXPECT_EQ(keys(schedule, 0, 10), (std::vector{0}));
    EXPECT_EQ(keys(schedule, 12, 10), (std::vector{12}));
}

TEST(KeySchedule, TheInputIsFollowedThoughDecodingReordersItsPictures) {
    auto schedule = KeySchedule::following();
    schedule.input_key(at(0));
    EXPECT_EQ(keys(schedule, 0, 8), (std::vector{0}));
    schedule.input_key(at(12));  // decoded before 10 and 11, which are shown first
    EXPECT_EQ(keys(schedule, 8, 8), (std::vector{12}));
}

TEST(KeySchedule, AnIntervalIsKeptOnItsGrid) {
    auto schedule = KeySchedule::every(2s);
    EXPECT_EQ(keys(schedule, 3, 160), (std::vector{3, 53, 103, 153}));
}

TEST(KeySchedule, AnIntervalThatIsNoNumberOfFramesDoesNotDrift) {
    auto schedule = KeySchedule::every(1010ms);
    const auto found = keys(schedule, 0, 25 * 101 + 1);
    EXPECT_EQ(found.size(), 101u);
    EXPECT_EQ(found.back(), 2525);
}

TEST(KeySchedule, AHoleInTheInputCostsOneKeyFrame) {
    auto schedule = KeySchedule::every(1s);
    EXPECT_EQ(keys(schedule, 0, 30), (std::vector{0, 25}));
    EXPECT_EQ(keys(schedule, 210, 30), (std::vector{210, 225}));
}

TEST(KeySchedule, ARequestIsGrantedAtOnceAndMovesNoGrid) {
    auto schedule = KeySchedule::every(2s);
    EXPECT_EQ(keys(schedule, 0, 20), (std::vector{0}));
    schedule.request(false);
    schedule.request(false);
    EXPECT_EQ(keys(schedule, 20, 90), (std::vector{20, 50, 100}));
}

TEST(KeySchedule, RequestsAreNotGrantedOneAfterTheOther) {
    auto schedule = KeySchedule::every(2s);
    keys(schedule, 0, 20);
    std::vector<int> found;
    for (int frame = 20; frame < 48; ++frame) {
        schedule.request(false);
        if (schedule.is_key(at(frame))) found.push_back(frame);
    }
    EXPECT_EQ(found, (std::vector{20, 33, 46}));
}

TEST(KeySchedule, AnInputThatAnswersIsWaitedFor) {
    auto schedule = KeySchedule::following();
    schedule.input_key(at(0));
    keys(schedule, 0, 20);
    schedule.request(true);
    schedule.input_key(at(24));
    EXPECT_EQ(keys(schedule, 20, 40), (std::vector{24}));
}

TEST(KeySchedule, AnInputThatDoesNotAnswerIsNotWaitedForLong) {
    auto schedule = KeySchedule::following();
    schedule.input_key(at(0));
    keys(schedule, 0, 20);
    schedule.request(true);
    EXPECT_EQ(keys(schedule, 20, 40), (std::vector{30}));
}

TEST(KeySchedule, APublisherThatBeginsAnewBeginsWithAKeyFrame) {
    auto schedule = KeySchedule::every(2s);
    keys(schedule, 1000, 10);
    EXPECT_EQ(keys(schedule, 0, 60), (std::vector{0, 50}));
}

}  // namespace
}  // namespace millrace::ladder
