// SPDX-License-Identifier: LGPL-2.1-or-later
// millwhipsrc beside others: on one UDP port with viewers and other publishers, with a downstream that does not take
// what comes, and with publishers that come and go while it starts and stops. What the last looks for, sanitizers see.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/element/webrtc/live_publisher.hpp"
#include "tests/element/webrtc/live_viewer.hpp"
#include "tests/element/webrtc/whip_scene.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/test_pipeline.hpp"

extern "C" {
GST_PLUGIN_STATIC_DECLARE(millwebrtc);
}

using namespace millrace;
using millrace::test::Pipeline;
using millrace::test::Socket;
using webrtc::test::LivePublisher;
using webrtc::test::LiveViewer;
using webrtc::test::PublisherAbilities;
using webrtc::test::PublisherClip;
using webrtc::test::Record;
using webrtc::test::Taking;

namespace {

class WhipSharing : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        gst_init(nullptr, nullptr);
        GST_PLUGIN_STATIC_REGISTER(millwebrtc);
        PublisherClip::of();
    }

    // All at one UDP port.
    [[nodiscard]] std::string udp() const { return " udp-listen=127.0.0.1:" + std::to_string(udp_) + " "; }
    [[nodiscard]] std::string relay(std::uint16_t http) const {
        const std::string listen = " listen=127.0.0.1:" + std::to_string(http) + udp();
        return "millwhipsrc name=in path=live/you" + listen +
               " in.video_0 ! tee name=t ! out.video_0 millwhepsink name=out path=live/you" + listen +
               " t. ! fakesink name=video sync=false async=false in.audio_0 ! out.audio_0";
    }

    std::uint16_t udp_ = Socket::free_port();
};

// What comes to a pad is held up there, or the events of one type alone, until it is gone.
class Block {
  public:
    explicit Block(GstElement* element, const char* pad, bool only_caps = false)
        : pad_(gst::adopt(gst_element_get_static_pad(element, pad))), only_caps_(only_caps) {
        id_ = gst_pad_add_probe(
            pad_.get(), GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
            [](GstPad*, GstPadProbeInfo* info, gpointer self) { return static_cast<Block*>(self)->decide(info); }, this,
            nullptr);
    }
    ~Block() { gst_pad_remove_probe(pad_.get(), id_); }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    [[nodiscard]] bool holds() const { return holds_; }

  private:
    GstPadProbeReturn decide(GstPadProbeInfo* info) {
        const bool is_caps = (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) != 0 &&
                             GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_CAPS;
        if (only_caps_ && !is_caps) return GST_PAD_PROBE_PASS;
        holds_ = true;
        return GST_PAD_PROBE_OK;
    }

    gst::Ref<GstPad> pad_;
    const bool only_caps_;
    std::atomic<bool> holds_ = false;
    gulong id_ = 0;
};

TEST_F(WhipSharing, PublishersAndViewersUseOneUdpPort) {
    const std::uint16_t http = Socket::free_port();
    Taking first(udp(), Taking::kSound, http);
    Pipeline second(relay(http));
    Record relayed(second.find("video"));
    ASSERT_TRUE(first.plays());
    ASSERT_NE(second.play(), GST_STATE_CHANGE_FAILURE);
    LivePublisher me;
    LivePublisher you;
    ASSERT_EQ(me.join(http, "live/me").status, 201);
    ASSERT_EQ(you.join(http, "live/you").status, 201);
    EXPECT_EQ(me.peer().server().port, udp_);
    EXPECT_EQ(you.peer().server().port, udp_);
    ASSERT_TRUE(you.until([&] {
        me.turn();
        return relayed.count() >= 5;
    }));
    LiveViewer viewer;
    ASSERT_EQ(viewer.join(http, "live/you").status, 201);
    EXPECT_EQ(viewer.seen().server().port, udp_);
    EXPECT_TRUE(me.until([&] {
        you.turn();
        viewer.turn();
        return viewer.seen().frames().whole() >= 30 && first.video.count() >= 30;
    }));
    EXPECT_EQ(viewer.seen().counts().auth_failures, 0U);
    EXPECT_EQ(first.video.damaged(), 0U);
    second.stop();
}

TEST_F(WhipSharing, ADownstreamThatBlocksIsBoundedAndHoldsBackNobodyElse) {
    const std::uint16_t http = Socket::free_port();
    Taking stuck(udp(), Taking::kSound, http);
    Pipeline other(relay(http));
    Record relayed(other.find("video"));
    ASSERT_TRUE(stuck.plays());
    ASSERT_NE(other.play(), GST_STATE_CHANGE_FAILURE);
    LivePublisher me;
    LivePublisher you;
    ASSERT_EQ(me.join(http, "live/me").status, 201);
    ASSERT_EQ(you.join(http, "live/you").status, 201);
    ASSERT_TRUE(me.until([&] {
        you.turn();
        return stuck.video.count() >= 5 && relayed.count() >= 5;
    }));
    LiveViewer viewer;
    ASSERT_EQ(viewer.join(http, "live/you").status, 201);
    auto turn_all = [&] {
        you.turn();
        viewer.turn();
    };
    {
        Block block(stuck.source().get(), "video_0");
        ASSERT_TRUE(me.until([&] {
            turn_all();
            return block.holds();
        }));
        const std::size_t before = relayed.count();
        const std::uint64_t seen_before = viewer.seen().frames().whole();
        // More than there is room for, faster than life.
        std::size_t picture = 0;
        ASSERT_TRUE(me.until([&] {
            turn_all();
            for (int i = 0; i < 20; ++i) me.peer().send(0, me.clip().pictures[++picture % 60], me.newest(0));
            return stuck.stat("overrun") > 0;
        }));
        ASSERT_TRUE(me.until([&] {
            turn_all();
            return relayed.count() >= before + 20 && viewer.seen().frames().whole() >= seen_before + 20;
        }));
    }
    const std::size_t before = stuck.video.count();
    EXPECT_TRUE(me.until([&] {
        turn_all();
        return stuck.video.count() >= before + 20;
    })) << "it goes on where it can";
    EXPECT_EQ(stuck.video.damaged(), 0U);
    EXPECT_EQ(relayed.damaged(), 0U);
    other.stop();
}

TEST_F(WhipSharing, CapsThatDownstreamDoesNotTakeHoldBackNoOtherTrack) {
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, "live/me").status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 5 && in.audio->count() >= 5; }));
    Block block(in.source().get(), "video_0", true);
    publisher.use(PublisherClip::of(160, 120));
    ASSERT_TRUE(publisher.until([&] { return block.holds(); }));
    const std::size_t before = in.audio->count();
    const TimePoint deadline = net::now() + 5s;
    publisher.until([&] { return in.audio->count() >= before + 25 || net::now() > deadline; });
    EXPECT_GE(in.audio->count(), before + 25);
    in.pipeline.stop();
}

TEST_F(WhipSharing, ItStopsAlsoWhenDownstreamBlocksAndThePublisherHasLeft) {
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, "live/me").status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 5 && in.audio->count() >= 5; }));
    Block block(in.source().get(), "video_0");
    ASSERT_TRUE(publisher.until([&] { return block.holds(); }));
    EXPECT_EQ(publisher.leave(), 200);
    LivePublisher next;
    EXPECT_EQ(next.join(in.http, "live/me").status, 201) << "the path is free at once";
    ASSERT_TRUE(next.connects());
    next.turn_for(100ms);
    auto stopping = std::async(std::launch::async, [&] { in.pipeline.stop(); });
    EXPECT_TRUE(next.until([&] { return stopping.wait_for(0s) == std::future_status::ready; }));
}

// ---- churn ----------------------------------------------------------------------------------------------------------

constexpr int kRounds = millrace::test::kSanitized ? 12 : 30;

// Comes, sends a while and goes in one way or another, until it is enough.
void come_and_go(std::uint16_t http, unsigned seed, const std::atomic<bool>& enough, std::atomic<int>& taken) {
    std::minstd_rand dice(seed);
    while (!enough) {
        PublisherAbilities abilities;
        abilities.rtx = dice() % 2 == 0;
        abilities.transport_cc = dice() % 2 == 0;
        abilities.audio = dice() % 3 != 0;
        if (dice() % 4 == 0) abilities.layers = {"a", "b"};
        LivePublisher publisher(abilities);
        const int status = publisher.join(http, "live/me").status;
        EXPECT_TRUE(status == 201 || status == 409 || status == 404 || status == 0) << status;
        if (status != 201) {
            std::this_thread::sleep_for(std::chrono::milliseconds(dice() % 20));
            continue;
        }
        ++taken;
        publisher.peer().loses = [&dice](const auto&) { return dice() % 50 == 0; };
        publisher.turn_for(std::chrono::milliseconds(dice() % 200));
        const auto way = dice() % 3;
        if (way == 0) publisher.leave();
        if (way == 1) {
            publisher.peer().say_goodbye();
            publisher.turn();
        }
    }
}

TEST_F(WhipSharing, StartsAndStopsWhilePublishersComeAndGoLeaveNothingBehind) {
    Taking in("reconnect-timeout=20000000 latency=20000000",
              std::string(Taking::kSound) + " queue name=video_1 ! fakesink sync=false async=false");
    std::atomic<bool> enough{false};
    std::atomic<int> taken{0};
    std::vector<std::thread> publishers;
    for (unsigned seed = 1; seed <= 3; ++seed)
        publishers.emplace_back([&, seed] { come_and_go(in.http, seed, enough, taken); });
    std::minstd_rand dice(7);
    for (int round = 0; round < kRounds || (taken == 0 && round < 1000); ++round) {
        EXPECT_TRUE(in.plays()) << round;
        for (unsigned look = dice() % 20; look > 0; --look) {
            EXPECT_LE(in.stat("publishers"), static_cast<std::uint64_t>(taken) + 3);
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        if (dice() % 3 == 0) gst_element_send_event(in.source().get(), gst_event_new_eos());
        in.pipeline.stop();
    }
    enough = true;
    for (auto& each : publishers) each.join();
    EXPECT_GT(taken, 0);
}

}  // namespace
