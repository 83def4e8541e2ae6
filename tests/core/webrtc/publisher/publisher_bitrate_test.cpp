// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/publisher/publisher_bitrate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::webrtc {
namespace {

// A publisher that sends as much as it is told to, over a way that carries so much.
struct Way {
    PublisherBitrate bitrate{0};
    double carries = 100e6;  // bit/s
    double most_sent = 100e6;
    bool stamped = true;
    TimePoint now{1000s};
    TimePoint free_from{};
    Duration longest_queue{};

    void run(Duration time) {
        constexpr std::size_t kSize = 1000;
        const TimePoint end = now + time;
        TimePoint update = now;
        while (now < end) {
            const double rate = std::min(most_sent, static_cast<double>(bitrate.bits_per_second()));
            now += Duration(static_cast<std::int64_t>(kSize * 8 / rate * 1e9));
            free_from = std::max(free_from, now) + Duration(static_cast<std::int64_t>(kSize * 8 / carries * 1e9));
            longest_queue = std::max<Duration>(longest_queue, free_from - now);
            const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
            const auto sent = static_cast<std::uint32_t>(static_cast<std::uint64_t>(seconds * (1 << 18)) & 0xffffff);
            bitrate.on_packet(kSize, stamped ? std::optional(sent) : std::nullopt, free_from + 20ms);
            if (now < update) continue;
            bitrate.update(free_from + 20ms);
            update = now + 250ms;
        }
    }
};

TEST(PublisherBitrate, BeginsWithEnoughForALargePictureAndRisesWhileItIsUsed) {
    Way way;
    EXPECT_EQ(way.bitrate.bits_per_second(), 2'500'000U);
    way.run(10s);
    EXPECT_GT(way.bitrate.bits_per_second(), 10'000'000U);
    way.run(120s);  // over the send time's wrapping
    EXPECT_EQ(way.bitrate.bits_per_second(), PublisherBitrate::kMost);
}

TEST(PublisherBitrate, StaysWhereItIsNotUsed) {
    Way way;
    way.most_sent = 500e3;
    way.run(30s);
    EXPECT_EQ(way.bitrate.bits_per_second(), 2'500'000U);
}

TEST(PublisherBitrate, FindsWhatANarrowWayCarriesAndKeepsTheQueueShort) {
    Way way;
    way.carries = 1e6;
    way.run(5s);
    way.longest_queue = {};
    way.run(5s);
    for (int i = 0; i < 20; ++i) {
        way.run(1s);
        EXPECT_LT(way.bitrate.bits_per_second(), 1'400'000U);
        EXPECT_GT(way.bitrate.bits_per_second(), 400'000U);
    }
    EXPECT_LT(way.longest_queue, 1s);
}

TEST(PublisherBitrate, FallsByLossWhereNothingTellsOfQueues) {
    Way way;
    way.stamped = false;
    way.bitrate.on_loss(0.5);
    way.bitrate.update(way.now);
    EXPECT_EQ(way.bitrate.bits_per_second(), 1'875'000U);
    way.bitrate.update(way.now + 2s);  // one report lowers it once
    EXPECT_EQ(way.bitrate.bits_per_second(), 1'875'000U);
    for (int i = 2; i < 40; ++i) {
        way.bitrate.on_loss(1);
        way.bitrate.update(way.now + i * 2s);
    }
    EXPECT_EQ(way.bitrate.bits_per_second(), PublisherBitrate::kLeast);
}

TEST(PublisherBitrate, KeepsToItsLimit) {
    EXPECT_EQ(PublisherBitrate(1'000'000).bits_per_second(), 1'000'000U);
    Way way{.bitrate = PublisherBitrate(4'000'000)};
    way.run(30s);
    EXPECT_EQ(way.bitrate.bits_per_second(), 4'000'000U);
    PublisherBitrate low(50'000);
    low.on_loss(1);
    low.update(TimePoint(1s));
    EXPECT_LE(low.bits_per_second(), 50'000U);
}

}  // namespace
}  // namespace millrace::webrtc
