// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/playing_task.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "tests/core/net/client.hpp"

namespace millrace::gst {
namespace {

using test::eventually;

class PlayingTaskTest : public testing::Test {
  protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

    Ref<GstElement> element = share(gst_bin_new("named"));
};

TEST_F(PlayingTaskTest, StepsWhileItPlays) {
    std::atomic<int> steps = 0;
    PlayingTask task([&] {
        ++steps;
        g_usleep(1000);
    });
    task.start(element.get());
    g_usleep(20'000);
    EXPECT_EQ(steps, 0) << "it does not play yet";
    task.play();
    EXPECT_TRUE(eventually([&] { return steps >= 3; }));
    task.pause();
    const int paused = steps;
    g_usleep(20'000);
    EXPECT_LE(steps, paused + 1) << "the one that had begun";
    task.play();
    EXPECT_TRUE(eventually([&] { return steps >= paused + 3; }));
    task.join();
    const int last = steps;
    g_usleep(20'000);
    EXPECT_EQ(steps, last);
}

TEST_F(PlayingTaskTest, AStepMayBeTheLast) {
    std::atomic<int> steps = 0;
    std::optional<PlayingTask> task;
    task.emplace([&] {
        if (++steps == 3) task->finish();
    });
    task->start(element.get());
    task->play();
    EXPECT_TRUE(eventually([&] { return steps == 3; }));
    g_usleep(20'000);
    EXPECT_EQ(steps, 3);
}

// What a step writes is read without a lock before and after.
TEST_F(PlayingTaskTest, WhatItWorksOnIsHandedOverAndBack) {
    int sum = 1;
    PlayingTask task([&, rounds = 0]() mutable {
        sum += 10;
        if (++rounds == 5) task.finish();
    });
    sum = 2;
    task.start(element.get());
    task.play();
    g_usleep(20'000);
    task.join();
    EXPECT_EQ(sum % 10, 2);
}

TEST_F(PlayingTaskTest, EndsWhetherItPlayedOrNot) {
    {
        PlayingTask never([] {});
    }
    {
        PlayingTask waits([] {});
        waits.start(element.get());
    }
    PlayingTask stopped([] {});
    stopped.start(element.get());
    stopped.stop();
    stopped.play();
    stopped.join();
    stopped.join();
}

}  // namespace
}  // namespace millrace::gst
