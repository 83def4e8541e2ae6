// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer behind a way that becomes narrow and wide again: which rung it is sent, second by second.
#include "webrtc/core/viewer/rung_choice.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "webrtc/core/viewer/adaptation.hpp"

namespace millrace::webrtc {
namespace {

constexpr std::size_t kPacket = 1200;
constexpr Duration kFrame = 33ms;
constexpr Duration kGroup = 2s;

struct Setup {
    std::vector<std::uint64_t> rungs{4'200'000, 2'650'000, 850'000};
    bool feedback = true;    // transport-wide
    bool resends = true;     // by RTX
    bool reports = false;    // receiver reports of loss, every second
    bool estimates = false;  // REMB
    Duration queue = 400ms;
    double key_frame = 5;  // as large as so many others
};

// Rungs whose key frames come together, one viewer, and a queue in front of what its way carries.
class Link {
  public:
    explicit Link(std::uint64_t rate, const Setup& setup = {}) : setup_(setup), rate_(rate) {
        for (std::size_t i = 0; i < setup.rungs.size(); ++i)
            rungs_.push_back({static_cast<RungId>(i), setup.rungs[i], true, setup.rungs[i]});
        on_ = *RungChoice::first(rungs_, std::nullopt);
        adaptation_.emplace(on_, std::nullopt, now);
    }

    void set_rate(std::uint64_t rate) { rate_ = rate; }
    void lose(unsigned nth) { lose_every_ = nth; }
    void set_flows(RungId id, bool flows) { rungs_[id].flows = flows; }
    void run(Duration time) {
        for (const TimePoint end = now + time; now < end;) tick();
    }
    // How long until it is sent this rung; nothing where it is not within `most`.
    std::optional<Duration> reaches(RungId id, Duration most) {
        const TimePoint began = now;
        while (now - began < most) {
            if (on_ == id) return now - began;
            tick();
        }
        return std::nullopt;
    }
    [[nodiscard]] RungId on() const { return on_; }

    TimePoint now{1000s};
    int changes = 0;
    Duration longest_queue{};
    Duration longest_pause{};   // between frames that it is sent
    Duration longest_freeze{};  // between pictures that it can show, when nothing is repaired

  private:
    void tick() {
        now += 1ms;
        if (!waiting_.empty()) send_waiting();
        if (now >= next_frame_) frame();
        if (adaptation_->is_due(now)) look();
        if (const std::size_t due = adaptation_->probe_due(now); due > 0) {
            std::size_t sent = 0;
            for (; sent < due; sent += kPacket) send(kPacket);
            adaptation_->on_probed(sent, now);
        }
        if (setup_.feedback && now >= next_feedback_) tell();
        if (now >= next_report_) report();
    }

    void frame() {
        next_frame_ = now + kFrame;
        if (now >= next_key_) {
            next_key_ = now + kGroup;
            keys_ = true;
        }
        const auto& move = adaptation_->move();
        // Who waits asks for a key frame, which comes with the next picture.
        const bool clear = move && (!move->at_once || now >= adaptation_->clears_at());
        if (clear && (keys_ || (move->at_once && now - move->since > 40ms))) {
            on_ = move->to;
            waiting_.clear();
            whole_ = true;
            ++changes;
            adaptation_->moved(now);
            send_frame(true);
        } else if (!move || !move->at_once) {
            send_frame(keys_);
        }
        keys_ = false;
        send(120);  // sound
    }
    void send_frame(bool key) {
        longest_pause = std::max(longest_pause, last_frame_ ? now - *last_frame_ : Duration{});
        last_frame_ = now;
        const double share = key ? setup_.key_frame : (60 - setup_.key_frame) / 59;
        const double bytes = static_cast<double>(rungs_[on_].bits_per_second) / 8 * 0.033 * share;
        for (double rest = bytes; rest > 0; rest -= kPacket) waiting_.push_back({key, false});
        waiting_.back().last = true;
        send_waiting();
    }
    // At once, or no faster than the way was seen to carry.
    void send_waiting() {
        for (; !waiting_.empty(); waiting_.pop_front()) {
            if (adaptation_->narrow()) {
                if (pace_ > now) return;
                const double takes = static_cast<double>(kPacket) / static_cast<double>(*adaptation_->narrow());
                pace_ =
                    std::max(pace_, now) + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(takes));
            }
            whole_ = send(kPacket) && whole_;
            if (waiting_.front().last) show(waiting_.front().key);
        }
        adaptation_->caught_up();
    }
    void show(bool key) {
        decodes_ = std::exchange(whole_, true) && (key || decodes_);
        if (!decodes_) return;
        longest_freeze = std::max(longest_freeze, shown_ ? free_at_ - *shown_ : Duration{});
        shown_ = free_at_;
    }
    bool send(std::size_t size) {
        ++sent_;
        if (setup_.feedback) adaptation_->link().on_sent(next_, size, now);
        const Duration takes(static_cast<std::int64_t>(size * 8 * 1'000'000'000 / rate_));
        const bool full = std::max(free_at_, now) - now > setup_.queue;
        longest_queue = std::max(longest_queue, free_at_ - now);
        const bool lost = full || (lose_every_ != 0 && next_ % lose_every_ == 0);
        if (!full) free_at_ = std::max(free_at_, now) + takes;
        if (lost) ++lost_;
        if (!lost) arrivals_.push_back({next_, free_at_.time_since_epoch() + 20ms});
        ++next_;
        if (!lost) arrived_ += size;
        return !lost;
    }
    void tell() {
        next_feedback_ = now + 60ms;
        TransportFeedback feedback;
        feedback.base_sequence = told_;
        while (!arrivals_.empty() && arrivals_.front().at <= now.time_since_epoch() - 20ms) {
            feedback.arrivals.push_back(arrivals_.front());
            told_ = static_cast<std::uint16_t>(arrivals_.front().sequence + 1);
            arrivals_.pop_front();
        }
        feedback.packets = static_cast<std::uint16_t>(told_ - feedback.base_sequence);
        if (feedback.packets == 0) return;
        adaptation_->link().on_feedback(feedback, now);
        look();
    }
    void report() {
        next_report_ = now + 1s;
        if (setup_.reports && sent_ > 0)
            adaptation_->link().on_loss_reported(static_cast<double>(lost_) / static_cast<double>(sent_), now);
        if (setup_.estimates) {
            const std::uint64_t most = arrived_ * 8 * 3 / 2;  // it never says more than that
            adaptation_->link().on_bitrate(std::min(most, rate_), now);
        }
        sent_ = lost_ = arrived_ = 0;
    }
    void look() { adaptation_->look(rungs_, {.resends = setup_.resends, .owes = false, .round_trip = 40ms}, now); }

    Setup setup_;
    std::vector<RungInfo> rungs_;
    std::optional<Adaptation> adaptation_;
    RungId on_ = 0;
    std::uint64_t rate_;
    unsigned lose_every_ = 0;
    TimePoint free_at_;
    TimePoint next_frame_;
    TimePoint next_key_;
    TimePoint next_feedback_;
    TimePoint next_report_{1001s};
    std::optional<TimePoint> last_frame_;
    std::optional<TimePoint> shown_;
    bool decodes_ = false;
    bool whole_ = true;
    struct Waiting {
        bool key = false;
        bool last = false;
    };
    std::deque<Waiting> waiting_;
    TimePoint pace_;
    bool keys_ = false;
    std::uint16_t next_ = 0;
    std::uint16_t told_ = 0;
    std::deque<TransportFeedback::Arrival> arrivals_;
    std::uint64_t sent_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t arrived_ = 0;
};

constexpr RungId kTop = 0;
constexpr RungId kMiddle = 1;
constexpr RungId kLowest = 2;

TEST(RungChoice, StartsWhereNearlyAllWaysCarryIt) {
    Link link(100'000'000);
    EXPECT_EQ(link.on(), kMiddle);
    EXPECT_EQ(Link(1'000'000, {.rungs = {9'000'000, 5'000'000}}).on(), 1U) << "or else with the lowest";
    EXPECT_EQ(Link(1'000'000, {.rungs = {800'000, 500'000}}).on(), 0U);
}

TEST(RungChoice, ClimbsToTheTopOfAWideWayAndStaysThere) {
    Link link(100'000'000);
    const auto took = link.reaches(kTop, 10s);
    ASSERT_TRUE(took);
    EXPECT_GE(*took, 3s);
    link.changes = 0;
    link.run(5min);
    EXPECT_EQ(link.on(), kTop);
    EXPECT_EQ(link.changes, 0);
}

TEST(RungChoice, IsOnARungThatFitsSoonAfterTheWayBecameNarrow) {
    Link link(100'000'000);
    ASSERT_TRUE(link.reaches(kTop, 10s));
    link.run(12s);
    link.set_rate(1'000'000);
    link.longest_pause = {};
    const auto took = link.reaches(kLowest, 5s);
    ASSERT_TRUE(took);
    EXPECT_LE(*took, 600ms);
    EXPECT_LE(link.longest_pause, 350ms);
    link.run(3s);
    link.longest_queue = {};
    link.longest_pause = {};
    link.run(30s);
    EXPECT_EQ(link.on(), kLowest);
    EXPECT_LE(link.longest_queue, 360ms) << "whatever it tries";
    EXPECT_LE(link.longest_pause, 50ms);
}

// Whatever the queue in front of the narrow way holds: what does not fit into it is lost, and not repaired here.
TEST(RungChoice, NoPictureStandsStillForLongWhenTheWayBecomesNarrow) {
    for (Duration queue : {50ms, 100ms, 200ms, 400ms, 1000ms}) {
        for (double key_frame : {3.0, 6.0}) {
            Link link(100'000'000, {.queue = queue, .key_frame = key_frame});
            ASSERT_TRUE(link.reaches(kTop, 10s));
            link.run(13s);  // the last thing that it is sent of the top is no key frame, which takes its time
            link.longest_freeze = {};
            link.set_rate(1'000'000);
            ASSERT_TRUE(link.reaches(kLowest, 5s));
            link.run(2s);
            // 420 ms, and what the key frame itself takes on that way.
            EXPECT_LE(link.longest_freeze, 420ms + static_cast<int>(key_frame) * 28ms)
                << queue / 1ms << " ms, key frames of " << key_frame;
        }
    }
}

// At any moment of what it tries meanwhile.
TEST(RungChoice, IsBackAtTheTopWithinTwentySecondsOfRelease) {
    for (Duration narrow : {5s, 10s, 17s, 20s, 23s, 31s, 60s}) {
        Link link(100'000'000);
        ASSERT_TRUE(link.reaches(kTop, 10s));
        link.run(12s);
        link.set_rate(1'000'000);
        ASSERT_TRUE(link.reaches(kLowest, 1s));
        link.run(narrow);
        link.set_rate(100'000'000);
        const auto took = link.reaches(kTop, 30s);
        ASSERT_TRUE(took);
        EXPECT_LE(*took, 20s) << "after " << narrow / 1s;
    }
}

TEST(RungChoice, NeverFlapsOnASteadyWay) {
    for (std::uint64_t rate : {1'000'000U, 1'500'000U, 2'000'000U, 3'200'000U, 4'000'000U, 4'500'000U, 5'500'000U}) {
        Link link(rate);
        link.run(60s);
        link.changes = 0;
        link.run(10min);
        EXPECT_LE(link.changes, 8) << rate;
        const RungId fits = rate > 4'200'000 ? kTop : rate > 3'000'000 ? kMiddle : kLowest;
        EXPECT_GE(link.on(), fits) << rate;
    }
}

TEST(RungChoice, LossesNowAndThenAreNoReasonToLeave) {
    Link link(100'000'000);
    link.lose(50);
    ASSERT_TRUE(link.reaches(kTop, 60s));
    link.changes = 0;
    link.run(1min);
    EXPECT_EQ(link.changes, 0);
}

TEST(RungChoice, ManyLossesAre) {
    Link link(100'000'000);
    ASSERT_TRUE(link.reaches(kTop, 10s));
    link.run(12s);
    link.lose(3);
    EXPECT_TRUE(link.reaches(kLowest, 5s));
}

TEST(RungChoice, WithoutTransportFeedbackReportsTellOfLosses) {
    Link link(100'000'000, {.feedback = false, .reports = true});
    ASSERT_TRUE(link.reaches(kTop, 20s)) << "by trying";
    link.run(12s);
    link.set_rate(1'000'000);
    EXPECT_TRUE(link.reaches(kLowest, 5s));
    link.run(10s);
    link.set_rate(100'000'000);
    EXPECT_TRUE(link.reaches(kTop, 90s));
}

TEST(RungChoice, WithoutTransportFeedbackWhatTheViewerCanTakeCounts) {
    Link link(100'000'000, {.feedback = false, .estimates = true});
    ASSERT_TRUE(link.reaches(kTop, 20s));
    link.run(12s);
    link.set_rate(1'000'000);
    EXPECT_TRUE(link.reaches(kLowest, 5s));
    link.run(5s);
    link.changes = 0;
    link.run(30s);
    EXPECT_EQ(link.on(), kLowest);
    EXPECT_EQ(link.changes, 0) << "it says that there is no room";
}

TEST(RungChoice, ARungThatFallsSilentIsLeftAndTakenAgain) {
    Link link(100'000'000);
    ASSERT_TRUE(link.reaches(kTop, 10s));
    link.set_flows(kTop, false);
    EXPECT_TRUE(link.reaches(kMiddle, 500ms));
    link.run(20s);
    EXPECT_EQ(link.on(), kMiddle);
    link.set_flows(kTop, true);
    EXPECT_TRUE(link.reaches(kTop, kGroup + 200ms)) << "at its next key frame: it was known to fit";
}

TEST(RungChoice, APinnedOneIsKeptAsLongAsItFlows) {
    std::vector<RungInfo> rungs{{0, 4'000'000, true, 4'000'000}, {1, 800'000, true, 800'000}};
    EXPECT_EQ(RungChoice::first(rungs, 0U), 0U);
    TimePoint now{1000s};
    RungChoice choice(0, 0U, now);
    choice.leave(rungs, 100'000, now);
    EXPECT_FALSE(choice.move()) << "it was asked for";
    rungs[0].flows = false;
    choice.see(rungs, now);
    ASSERT_TRUE(choice.move());
    EXPECT_EQ(choice.move()->to, 1U);
    choice.moved(now);
    choice.see(rungs, now);
    EXPECT_FALSE(choice.move());
    EXPECT_FALSE(choice.next_up(rungs, now + 1h));
    rungs[0].flows = true;
    choice.see(rungs, now);
    ASSERT_TRUE(choice.move());
    EXPECT_EQ(choice.move()->to, 0U);
}

TEST(RungChoice, OfARungThatIsGoneItGoesToTheHighestThatIsThere) {
    std::vector<RungInfo> rungs{{2, 4'000'000, true, 4'000'000}, {1, 800'000, true, 800'000}};
    const TimePoint now{1000s};
    RungChoice choice(0, std::nullopt, now);
    choice.see(rungs, now);
    ASSERT_TRUE(choice.move());
    EXPECT_EQ(choice.move()->to, 2U);
    EXPECT_TRUE(choice.move()->at_once);
}

}  // namespace
}  // namespace millrace::webrtc
