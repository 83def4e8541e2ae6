// SPDX-License-Identifier: LGPL-2.1-or-later
// Signs of a way that carries less than it is sent, and what is none.
#include "webrtc/core/rtp/congestion.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::webrtc {
namespace {

constexpr std::size_t kPacket = 1250;  // 10'000 bits

// A way with a queue, and a receiver that tells of what comes every 60 ms.
class Way {
  public:
    explicit Way(std::uint64_t rate) : rate_(rate) {}

    void set_rate(std::uint64_t rate) { rate_ = rate; }
    void set_longest(Duration queue) { longest_ = queue; }
    void lose_every(unsigned nth) { lose_every_ = nth; }
    void silence() { silent_ = true; }

    // A frame of so many packets every 33 ms.
    void frame(std::size_t packets) {
        for (std::size_t i = 0; i < packets; ++i) send();
        const TimePoint next = now + 33ms;
        while (now < next) {
            now += 1ms;
            if (now >= next_report_) report();
        }
    }
    std::optional<TimePoint> congested_within(Duration time, std::size_t packets, std::uint64_t rate) {
        for (const TimePoint end = now + time; now < end;) {
            frame(packets);
            if (congestion.sign(rate, now)) return now;
        }
        return std::nullopt;
    }

    TimePoint now{1000s};
    Congestion congestion;

  private:
    void send() {
        congestion.on_sent(next_, kPacket, now);
        const Duration takes(static_cast<std::int64_t>(kPacket * 8 * 1'000'000'000 / rate_));
        free_at_ = std::max(free_at_, now) + takes;
        const bool dropped = free_at_ - now > longest_ || (lose_every_ != 0 && next_ % lose_every_ == 0);
        if (dropped) free_at_ -= free_at_ - now > longest_ ? takes : Duration{};
        // Its clock is not ours.
        if (!dropped) arrivals_.push_back({next_, free_at_.time_since_epoch() + 20ms - 500s});
        ++next_;
    }
    void report() {
        next_report_ = now + 60ms;
        const Duration seen = now.time_since_epoch() - 20ms - 500s;
        TransportFeedback feedback;
        feedback.base_sequence = reported_;
        for (const auto& arrival : arrivals_) {
            if (arrival.at > seen) break;
            feedback.arrivals.push_back(arrival);
            reported_ = static_cast<std::uint16_t>(arrival.sequence + 1);
        }
        arrivals_.erase(arrivals_.begin(), arrivals_.begin() + static_cast<std::ptrdiff_t>(feedback.arrivals.size()));
        feedback.packets = static_cast<std::uint16_t>(reported_ - feedback.base_sequence);
        if (feedback.packets > 0 && !silent_) congestion.on_feedback(feedback, now);
    }

    std::uint64_t rate_;
    Duration longest_ = 1h;
    unsigned lose_every_ = 0;
    bool silent_ = false;
    TimePoint free_at_;
    std::uint16_t next_ = 65'000;
    std::uint16_t reported_ = 65'000;
    std::vector<TransportFeedback::Arrival> arrivals_;
    TimePoint next_report_{1000s};
};

// 4 Mbit/s in frames of thirteen packets.
constexpr std::size_t kFrame = 13;
constexpr std::uint64_t kRate = 4'000'000;

TEST(Congestion, IsSeenWithinAQuarterOfASecondWhereAWayBecomesTooNarrow) {
    Way way(20'000'000);
    EXPECT_FALSE(way.congested_within(5s, kFrame, kRate));
    way.set_rate(1'000'000);
    const TimePoint began = way.now;
    const auto seen = way.congested_within(1s, kFrame, kRate);
    ASSERT_TRUE(seen);
    EXPECT_LE(*seen - began, 280ms);
    EXPECT_NEAR(static_cast<double>(way.congestion.carries(kRate, way.now)), 1e6, 4e5);
}

TEST(Congestion, IsSeenWhereLittleIsMissingToo) {
    Way way(20'000'000);
    EXPECT_FALSE(way.congested_within(5s, kFrame, kRate));
    way.set_rate(3'300'000);
    EXPECT_TRUE(way.congested_within(1500ms, kFrame, kRate));
    EXPECT_NEAR(static_cast<double>(way.congestion.carries(kRate, way.now)), 3.3e6, 3e5);
}

TEST(Congestion, IsNotAPictureThatIsLargeByItself) {
    for (std::uint64_t rate : {5'000'000U, 6'000'000U, 10'000'000U}) {
        Way way(rate);
        for (int group = 0; group < 5; ++group) {
            way.frame(10 * kFrame);
            EXPECT_FALSE(way.congestion.sign(kRate, way.now)) << rate;
            EXPECT_FALSE(way.congested_within(2s, kFrame - 2, kRate)) << rate;
        }
    }
}

TEST(Congestion, IsWhatAShortQueueDrops) {
    Way way(20'000'000);
    way.set_longest(40ms);
    EXPECT_FALSE(way.congested_within(2s, kFrame, kRate));
    way.set_rate(1'000'000);
    const TimePoint began = way.now;
    const auto seen = way.congested_within(1s, kFrame, kRate);
    ASSERT_TRUE(seen);
    EXPECT_LE(*seen - began, 250ms);
}

TEST(Congestion, IsNotALossNowAndThen) {
    Way way(20'000'000);
    way.lose_every(25);
    EXPECT_FALSE(way.congested_within(20s, kFrame, kRate));
    way.lose_every(3);
    EXPECT_TRUE(way.congested_within(1s, kFrame, kRate));
}

TEST(Congestion, IsThatNothingIsHeardAnyMore) {
    Way way(20'000'000);
    EXPECT_FALSE(way.congested_within(2s, kFrame, kRate));
    way.silence();
    EXPECT_TRUE(way.congested_within(1500ms, kFrame, kRate));
    EXPECT_EQ(way.congestion.carries(kRate, way.now), 0U);
}

TEST(Congestion, OfWhatWasSentBeforeIsNotHeldAgainstWhatIsSentNow) {
    Way way(1'000'000);
    EXPECT_TRUE(way.congested_within(1s, kFrame, kRate));
    way.congestion.judge_from(way.now);
    EXPECT_FALSE(way.congested_within(2s, 1, 300'000));
}

// ---- without transport-wide feedback --------------------------------------------------------------------------------

TEST(Congestion, IsToldByReportsOfLoss) {
    Congestion congestion;
    const TimePoint now{1000s};
    congestion.on_loss_reported(0.02, now);
    EXPECT_FALSE(congestion.sign(kRate, now));
    congestion.on_loss_reported(0.5, now);
    EXPECT_TRUE(congestion.sign(kRate, now));
    EXPECT_EQ(congestion.carries(kRate, now), kRate / 2);
    EXPECT_FALSE(congestion.sign(kRate, now + 2s)) << "but not for ever";
}

TEST(Congestion, IsToldByWhatIsAskedForAgain) {
    Congestion congestion;
    TimePoint now{1000s};
    for (int i = 0; i < 20; ++i) congestion.on_nack(1, 40, now += 100ms);
    EXPECT_FALSE(congestion.sign(kRate, now));
    for (int i = 0; i < 5; ++i) congestion.on_nack(20, 40, now += 100ms);
    EXPECT_TRUE(congestion.sign(kRate, now));
}

TEST(Congestion, IsToldByWhatTheViewerThinksItCanTake) {
    Congestion congestion;
    const TimePoint now{1000s};
    congestion.on_bitrate(5'000'000, now);
    EXPECT_FALSE(congestion.sign(kRate, now));
    congestion.on_bitrate(1'000'000, now);
    EXPECT_TRUE(congestion.sign(kRate, now));
    EXPECT_EQ(congestion.carries(kRate, now), 1'000'000U);
    EXPECT_FALSE(congestion.sign(kRate, now + 10s)) << "it has said nothing for long";
}

}  // namespace
}  // namespace millrace::webrtc
