// SPDX-License-Identifier: LGPL-2.1-or-later
// Viewers that join, play, lose, ask again, leave and vanish, in an order that the dice say, while frames pour in from
// another thread. What it looks for, sanitizers see.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "tests/element/webrtc/live_viewer.hpp"
#include "tests/element/webrtc/on_air.hpp"
#include "tests/support/sanitized.hpp"

namespace millrace::webrtc {
namespace {

using test::LiveViewer;
using test::OnAir;
using test::WhepViewerOptions;

constexpr std::size_t kSteps = 4000 / millrace::test::kEvery;
constexpr std::size_t kMostViewers = 24;

TEST(Churn, OfViewersLeavesNothingBehind) {
    OnAir stream("127.0.0.1:0", kMostViewers);
    stream.begin_h264();
    std::atomic<bool> enough{false};
    std::atomic<std::size_t> steps{0};
    std::thread publisher([&] {
        for (std::size_t number = 0; !enough;) {
            std::this_thread::yield();
            if (number > 2 * steps) continue;  // no faster than viewers can be turned
            if (number % 500 == 499) stream.begin_h264();
            EXPECT_TRUE(stream.picture(number % 20 == 0, 200 + number % 7 * 1000));
            ++number;
        }
    });

    std::minstd_rand dice(1);
    std::vector<std::unique_ptr<LiveViewer>> viewers;
    std::size_t played = 0;
    for (std::size_t step = 0; step < kSteps || played == 0; ++step) {
        ++steps;
        const auto roll = dice() % 100;
        if (roll < 20 || viewers.empty()) {
            WhepViewerOptions options;
            options.nack = true;
            options.pli = roll % 2 == 0;
            options.loss = roll % 3 == 0 ? 0.05 : 0;
            options.random = static_cast<std::uint32_t>(step);
            auto viewer = std::make_unique<LiveViewer>(options);
            const int status = viewer->join(stream.http, "live/cam1").status;
            EXPECT_TRUE(status == 201 || status == 503) << status;
            if (status == 201) viewers.push_back(std::move(viewer));
        } else if (roll < 32) {
            auto& one = viewers[dice() % viewers.size()];
            if (roll < 28) one->leave();  // the others vanish
            std::swap(one, viewers.back());
            viewers.pop_back();
        }
        for (auto& viewer : viewers) {
            viewer->turn();
            EXPECT_EQ(viewer->seen().counts().auth_failures, 0U);
            EXPECT_EQ(viewer->seen().counts().unknown_packets, 0U);
            played += viewer->seen().frames().whole() > 0 ? 1 : 0;
        }
        // Who vanished still has a place: the next are to have one too.
        if (stream.broadcast->stats().sessions == kMostViewers && viewers.empty()) break;
    }
    EXPECT_GT(played, 0U);

    // The stream ends in the middle of it all, for everybody.
    enough = true;
    publisher.join();
    stream.broadcast.reset();
    EXPECT_EQ(stream.joined, stream.left);
}

}  // namespace
}  // namespace millrace::webrtc
