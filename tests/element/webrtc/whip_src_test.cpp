// SPDX-License-Identifier: LGPL-2.1-or-later
// millwhipsrc with publishers over real HTTP and UDP: what comes out of it, and who is let in.
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/gst/ref.hpp"
#include "tests/element/webrtc/live_publisher.hpp"
#include "tests/element/webrtc/whip_scene.hpp"
#include "tests/support/test_pipeline.hpp"

extern "C" {
GST_PLUGIN_STATIC_DECLARE(millwebrtc);
}

using namespace millrace;
using millrace::test::eventually;
using millrace::test::kPatience;
using millrace::test::Pipeline;
using webrtc::test::LivePublisher;
using webrtc::test::OutgoingPacket;
using webrtc::test::PublisherAbilities;
using webrtc::test::PublisherClip;
using webrtc::test::Record;
using webrtc::test::Taking;

namespace {

constexpr const char* kPath = "live/me";

class WhipSrc : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        gst_init(nullptr, nullptr);
        GST_PLUGIN_STATIC_REGISTER(millwebrtc);
        PublisherClip::of();
    }
};

// ---- what comes out -------------------------------------------------------------------------------------------------

TEST_F(WhipSrc, APublishersTracksComeOutParsedWithCompleteCaps) {
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 20 && in.audio->count() >= 20; }));
    ASSERT_EQ(in.video.caps().size(), 1U);
    for (const char* part : {"video/x-h264", "stream-format=(string)avc", "alignment=(string)au", "codec_data",
                             "width=(int)320", "height=(int)240", "framerate=(fraction)30/1"})
        EXPECT_NE(in.video.caps()[0].find(part), std::string::npos) << part << " in " << in.video.caps()[0];
    for (const char* part : {"audio/x-opus", "rate=(int)48000", "channels=(int)2"})
        EXPECT_NE(in.audio->caps()[0].find(part), std::string::npos) << part << " in " << in.audio->caps()[0];
    const auto frames = in.video.frames();
    EXPECT_TRUE(frames[0].key);
    EXPECT_EQ(in.video.damaged(), 0U);
    for (std::size_t i = 1; i < frames.size(); ++i) {
        EXPECT_EQ(*frames[i].picture, *frames[i - 1].picture + 1) << i;
        EXPECT_NEAR(static_cast<double>((frames[i].time - frames[i - 1].time).count()), 1e9 / 30, 2e6) << i;
    }
    EXPECT_EQ(in.stat("gaps"), 0U);
    EXPECT_EQ(in.stat("publishers"), 1U);
    EXPECT_GE(in.stat("video-frames"), 20U);
}

TEST_F(WhipSrc, ThePublisherIsToldWhatArrivesAndWhen) {
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    EXPECT_TRUE(publisher.until([&] {
        return publisher.told().reports >= 2 && publisher.told().transport_feedbacks >= 5 &&
               publisher.told().arrivals * 10 >= publisher.told().packets * 8;
    }));
    EXPECT_EQ(publisher.told().bitrate_estimates, 0U) << "one scheme of congestion control is enough";
    EXPECT_EQ(publisher.told().unreadable, 0U);
    EXPECT_EQ(publisher.told().asked, 0U) << "nothing was lost";
}

TEST_F(WhipSrc, WithoutTransportFeedbackItIsToldABitrate) {
    Taking in("max-bitrate=700000");
    ASSERT_TRUE(in.plays());
    PublisherAbilities abilities;
    abilities.transport_cc = false;
    LivePublisher publisher(abilities);
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    EXPECT_TRUE(publisher.until([&] { return publisher.told().bitrate_estimates >= 2; }));
    EXPECT_LE(publisher.peer().bitrate_estimate(), 700'000U);
}

TEST_F(WhipSrc, ItIsLiveAndReportsItsLatency) {
    Taking in("latency=70000000");
    ASSERT_TRUE(in.plays());
    auto query = gst::adopt(gst_query_new_latency());
    ASSERT_TRUE(gst_element_query(in.source().get(), query.get()));
    gboolean live = FALSE;
    GstClockTime latency = 0;
    gst_query_parse_latency(query.get(), &live, &latency, nullptr);
    EXPECT_TRUE(live);
    EXPECT_EQ(latency, 70 * GST_MSECOND);
}

TEST_F(WhipSrc, LayersOfSimulcastAreRenditions) {
    Taking in("", " queue name=video_1 ! fakesink name=second sync=false async=false");
    Record second(in.pipeline.find("second"));
    ASSERT_TRUE(in.plays());
    PublisherAbilities abilities;
    abilities.layers = {"low", "high"};
    LivePublisher publisher(abilities);
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 20 && second.count() >= 20; }));
    EXPECT_EQ(in.video.rendition(), "low");
    EXPECT_EQ(second.rendition(), "high");
    EXPECT_EQ(in.video.damaged() + second.damaged(), 0U);
    in.pipeline.stop();
}

TEST_F(WhipSrc, SenderReportsMoveTheTracksInTime) {
    constexpr Duration kAhead = 150ms;
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    publisher.audio_clock_ahead = kAhead;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    // The first of each was sent at one moment, and none is missing.
    auto began = [](const Record& track, Duration length) {
        const auto frames = track.frames();
        return frames.back().time - length * static_cast<std::int64_t>(frames.size() - 1);
    };
    auto moved = [&] { return began(*in.audio, 20ms) - began(in.video, Duration(1s) / 30); };
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 5 && in.audio->count() >= 5; }));
    EXPECT_LT(moved(), kAhead - 100ms) << "they are moved by and by";
    ASSERT_TRUE(publisher.until([&] { return moved() >= kAhead - 5ms; }));
    publisher.turn_for(300ms);
    EXPECT_NEAR(static_cast<double>(moved().count()), static_cast<double>(kAhead.count()), 5e6);
    EXPECT_EQ(in.stat("dropped-frames"), 0U);
    for (const Record* track : {&in.video, &*in.audio}) {
        const auto frames = track->frames();
        for (std::size_t i = 1; i < frames.size(); ++i) EXPECT_GT(frames[i].time, frames[i - 1].time) << i;
    }
}

TEST_F(WhipSrc, TimestampsThatJumpMakeNoHole) {
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    publisher.reports = false;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 20; }));
    publisher.jump_timestamps(0x7000'0000);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 60; }));
    const auto frames = in.video.frames();
    for (std::size_t i = 1; i < frames.size(); ++i) {
        EXPECT_GE(frames[i].time, frames[i - 1].time) << i;
        EXPECT_LT(frames[i].time - frames[i - 1].time, 500ms) << i;
    }
    EXPECT_GE(in.stat("timestamp-jumps"), 1U);
    EXPECT_EQ(in.video.damaged(), 0U);
}

TEST_F(WhipSrc, APictureThatChangesItsSizeChangesTheCaps) {
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 10; }));
    publisher.use(PublisherClip::of(160, 120));
    ASSERT_TRUE(publisher.until([&] { return in.video.caps().size() >= 2; }));
    EXPECT_NE(in.video.caps().back().find("width=(int)160"), std::string::npos) << in.video.caps().back();
    const std::size_t before = in.video.count();
    EXPECT_TRUE(publisher.until([&] { return in.video.count() >= before + 10; }));
}

// ---- publishers that come and go ------------------------------------------------------------------------------------

TEST_F(WhipSrc, APublisherThatReturnsContinuesOnTheSamePadsBehindADiscontinuity) {
    Taking in("reconnect-timeout=30000000000");
    ASSERT_TRUE(in.plays());
    std::size_t before = 0;
    {
        LivePublisher first;
        ASSERT_EQ(first.join(in.http, kPath).status, 201);
        ASSERT_TRUE(first.until([&] { return in.video.count() >= 10 && in.audio->count() >= 10; }));
        EXPECT_EQ(first.leave(), 200);
    }
    ASSERT_TRUE(eventually([&] { return in.video.has_event("millrace-interrupted"); }));
    before = in.video.count();
    const std::size_t sounds_before = in.audio->count();
    LivePublisher second;
    ASSERT_EQ(second.join(in.http, kPath).status, 201);
    ASSERT_TRUE(second.until([&] { return in.video.count() >= before + 10 && in.audio->count() > sounds_before; }));
    const auto frames = in.video.frames();
    EXPECT_TRUE(frames[before].discontinuity);
    EXPECT_TRUE(frames[before].key);
    EXPECT_GT(frames[before].time, frames[before - 1].time);
    EXPECT_FALSE(frames[before + 1].discontinuity);
    EXPECT_TRUE(in.audio->frames()[sounds_before].discontinuity);
    EXPECT_EQ(in.video.caps().size(), 1U) << "they are the same";
    EXPECT_FALSE(in.video.has_event("eos"));
    EXPECT_EQ(in.stat("publishers"), 2U);
}

// The first one's reports have put its picture well ahead of the clock.
TEST_F(WhipSrc, APublisherThatReturnsAtOnceIsNoEarlierThanTheOneBefore) {
    constexpr Duration kAhead = 1500ms;
    Taking in("reconnect-timeout=30000000000");
    ASSERT_TRUE(in.plays());
    LivePublisher first;
    first.audio_clock_ahead = -kAhead;
    ASSERT_EQ(first.join(in.http, kPath).status, 201);
    ASSERT_TRUE(first.until([&] { return in.video.count() >= 20 && in.audio->count() >= 20; }));
    EXPECT_EQ(first.leave(), 200);
    LivePublisher second;
    ASSERT_EQ(second.join(in.http, kPath).status, 201);
    ASSERT_TRUE(eventually([&] { return in.video.has_event("millrace-interrupted"); }));
    const std::size_t pictures = in.video.count();
    const std::size_t sounds = in.audio->count();
    ASSERT_TRUE(second.until([&] { return in.video.count() >= pictures + 10 && in.audio->count() >= sounds + 10; }));
    for (const Record* track : {&in.video, &*in.audio}) {
        const auto frames = track->frames();
        for (std::size_t i = 1; i < frames.size(); ++i) EXPECT_GT(frames[i].time, frames[i - 1].time) << i;
    }
}

TEST_F(WhipSrc, WhoSaysGoodbyeIsGoneAtOnceAndThePathIsFree) {
    Taking in;
    ASSERT_TRUE(in.plays());
    std::atomic<int> left{0};
    auto on_left = +[](GstElement*, GstStructure*, std::atomic<int>* count) { ++*count; };
    g_signal_connect(in.source().get(), "publisher-disconnected", G_CALLBACK(on_left), &left);
    LivePublisher first;
    ASSERT_EQ(first.join(in.http, kPath).status, 201);
    ASSERT_TRUE(first.until([&] { return in.video.count() >= 5 && in.audio->count() >= 5; }));
    first.peer().say_goodbye();
    ASSERT_TRUE(first.until([&] { return left == 1; }));
    LivePublisher second;
    EXPECT_EQ(second.join(in.http, kPath).status, 201);
    in.pipeline.stop();
}

TEST_F(WhipSrc, EosComesOnlyWhenAPublisherDoesNotReturnInTime) {
    Taking in("reconnect-timeout=200000000");
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 10 && in.audio->count() >= 1; }));
    EXPECT_EQ(publisher.leave(), 200);
    auto eos = in.pipeline.await(GST_MESSAGE_EOS);
    ASSERT_TRUE(eos);
    EXPECT_EQ(GST_MESSAGE_TYPE(eos.get()), GST_MESSAGE_EOS);
}

TEST_F(WhipSrc, AnApplicationEndsItByEosAndThePathIsFreeAgain) {
    Taking in;
    ASSERT_TRUE(in.plays());
    EXPECT_FALSE(gst_element_send_event(in.source().get(), gst_event_new_eos())) << "there are no pads to say it on";
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 10 && in.audio->count() >= 1; }));
    EXPECT_TRUE(gst_element_send_event(in.source().get(), gst_event_new_eos()));
    auto eos = in.pipeline.await(GST_MESSAGE_EOS);
    ASSERT_TRUE(eos);
    EXPECT_EQ(GST_MESSAGE_TYPE(eos.get()), GST_MESSAGE_EOS);
    Taking successor("", Taking::kSound, in.http);
    EXPECT_TRUE(successor.plays());
}

TEST_F(WhipSrc, ItStopsWhileAPublisherSendsAndStartsAgain) {
    Taking in;
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(in.plays());
        const std::size_t before = in.video.count();
        LivePublisher publisher;
        ASSERT_EQ(publisher.join(in.http, kPath).status, 201) << round;
        ASSERT_TRUE(publisher.until([&] { return in.video.count() >= before + 3; })) << round;
        auto stopping = std::async(std::launch::async, [&] { in.pipeline.stop(); });
        publisher.until([&] { return stopping.wait_for(0s) == std::future_status::ready; });
        EXPECT_NE(publisher.leave(), 200) << "the session went with the source";
    }
}

TEST_F(WhipSrc, FramesThatCameBeforeItPlaysAreNotNeeded) {
    Taking in;
    auto whole = gst::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(in.source().get()))));
    auto pipeline = gst::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(whole.get()))));
    ASSERT_EQ(gst_element_set_state(pipeline.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.connects());
    publisher.turn_for(300ms);
    EXPECT_EQ(in.video.count(), 0U);
    ASSERT_TRUE(in.plays());
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 5; }));
    EXPECT_TRUE(in.video.frames()[0].key);
}

// ---- who is let in --------------------------------------------------------------------------------------------------

TEST_F(WhipSrc, ASecondPublisherIsRefusedAndTheFirstGoesOn) {
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher first;
    ASSERT_EQ(first.join(in.http, kPath).status, 201);
    ASSERT_TRUE(first.until([&] { return in.video.count() >= 5; }));
    LivePublisher second;
    const auto answer = second.join(in.http, kPath);
    EXPECT_EQ(answer.status, 409);
    EXPECT_NE(answer.body.find(kPath), std::string::npos) << answer.body;
    const std::size_t before = in.video.count();
    EXPECT_TRUE(first.until([&] { return in.video.count() >= before + 10; }));
}

TEST_F(WhipSrc, NobodyPublishesAPathThatNothingTakes) {
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher lost;
    EXPECT_EQ(lost.join(in.http, "live/elsewhere").status, 404);
}

struct Guard {
    gboolean allows = FALSE;
    Guarded<std::vector<std::string>> asked;

    static gboolean on_authorize(GstElement*, GstStructure* request, Guard* self) {
        self->asked.with([&](auto& all) {
            for (const char* field : {"path", "protocol", "token", "query"})
                all.emplace_back(gst_structure_get_string(request, field));
        });
        return self->allows;
    }
};

TEST_F(WhipSrc, AuthorizeSeesTokenAndQueryAndDecides) {
    Taking in;
    Guard guard;
    g_signal_connect(in.source().get(), "authorize", G_CALLBACK(&Guard::on_authorize), &guard);
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    EXPECT_EQ(publisher.join(in.http, kPath, "Authorization: Bearer secret\r\n", "?key=1").status, 403);
    EXPECT_EQ(guard.asked.copy(), (std::vector<std::string>{kPath, "whip", "secret", "key=1"}));
    EXPECT_EQ(publisher.join(in.http, kPath).status, 401);
    guard.allows = TRUE;
    EXPECT_EQ(publisher.join(in.http, kPath, "Authorization: Bearer secret\r\n").status, 201);
    EXPECT_TRUE(publisher.until([&] { return in.video.count() >= 5; }));
}

TEST_F(WhipSrc, TwoSourcesOfOnePathAreAnErrorThatNamesIt) {
    Taking first;
    ASSERT_TRUE(first.plays());
    Taking second("", Taking::kSound, first.http);
    EXPECT_FALSE(second.plays());
    auto error = second.pipeline.await(GST_MESSAGE_ERROR);
    ASSERT_TRUE(error);
    EXPECT_NE(Pipeline::error_text(error.get()).find(kPath), std::string::npos);
}

TEST_F(WhipSrc, WhatCannotBeStartedIsAnErrorThatSaysWhatToSet) {
    struct Wrong {
        const char* properties;
        const char* named;
    };
    for (const Wrong& wrong :
         {Wrong{"path=\"\"", "path="}, Wrong{"path=a codecs=flash", "flash"},
          Wrong{"path=a advertise=nonsense/", "advertise"}, Wrong{"path=a ice-servers=http://x", "STUN"},
          Wrong{"path=a udp-listen=nowhere", "nowhere"}}) {
        Pipeline in(std::string("millwhipsrc udp-listen=127.0.0.1:0 listen=127.0.0.1:0 ") + wrong.properties);
        EXPECT_EQ(in.play(), GST_STATE_CHANGE_FAILURE) << wrong.properties;
        auto error = in.await(GST_MESSAGE_ERROR);
        ASSERT_TRUE(error);
        const std::string text = Pipeline::error_text(error.get());
        EXPECT_NE(text.find(wrong.named), std::string::npos) << text;
    }
}

// ---- devices --------------------------------------------------------------------------------------------------------

class WhipDevice : public WhipSrc {
  protected:
    void SetUp() override {
        g_setenv("MILLRACE_LISTEN_HTTP", ("127.0.0.1:" + std::to_string(http_)).c_str(), TRUE);
        g_setenv("MILLRACE_LISTEN_WEBRTC", "127.0.0.1:0", TRUE);
        monitor_ = gst::adopt(gst_device_monitor_new());
        gst_device_monitor_add_filter(monitor_.get(), "Source/Network/Publisher", nullptr);
        ASSERT_TRUE(gst_device_monitor_start(monitor_.get()));
        bus_ = gst::adopt(gst_device_monitor_get_bus(monitor_.get()));
    }
    void TearDown() override {
        gst_device_monitor_stop(monitor_.get());
        g_unsetenv("MILLRACE_LISTEN_HTTP");
        g_unsetenv("MILLRACE_LISTEN_WEBRTC");
    }
    // The one that waits, by a thread that its answer will come to.
    gst::Ref<GstDevice> waiting(LivePublisher& publisher, const std::string& path) {
        answer_ =
            std::async(std::launch::async, [this, &publisher, path] { return publisher.join(http_, path).status; });
        auto added = gst::adopt(gst_bus_timed_pop_filtered(bus_.get(), kPatience, GST_MESSAGE_DEVICE_ADDED));
        GstDevice* found = nullptr;
        if (added) gst_message_parse_device_added(added.get(), &found);
        return gst::adopt(found);
    }
    bool removed() {
        return bool(gst::adopt(gst_bus_timed_pop_filtered(bus_.get(), kPatience, GST_MESSAGE_DEVICE_REMOVED)));
    }

    std::uint16_t http_ = millrace::test::Socket::free_port();
    gst::Ref<GstDeviceMonitor> monitor_;
    gst::Ref<GstBus> bus_;
    std::future<int> answer_;
};

TEST_F(WhipDevice, APublisherThatWaitsMakesItsSource) {
    LivePublisher publisher;
    auto device = waiting(publisher, "live/found");
    ASSERT_TRUE(device);
    gst::OwnedStructure properties(gst_device_get_properties(device.get()));
    EXPECT_STREQ(gst_structure_get_string(properties.get(), "path"), "live/found");
    EXPECT_STREQ(gst_structure_get_string(properties.get(), "protocol"), "whip");

    Pipeline in("fakesink name=video sync=false async=false");
    Record video(in.find("video"));
    auto element = gst::share(gst_device_create_element(device.get(), "in"));
    auto bin = gst::adopt(GST_BIN(gst_object_get_parent(GST_OBJECT(in.find("video").get()))));
    gst_bin_add(bin.get(), element.get());
    auto link = +[](GstElement* source, GstPad* pad, GstElement* sink) {
        if (g_str_has_prefix(GST_PAD_NAME(pad), "video"))
            gst_element_link_pads(source, GST_PAD_NAME(pad), sink, "sink");
    };
    auto sink = in.find("video");
    g_signal_connect(element.get(), "pad-added", G_CALLBACK(link), sink.get());
    ASSERT_NE(in.play(), GST_STATE_CHANGE_FAILURE);
    EXPECT_EQ(answer_.get(), 201);
    EXPECT_TRUE(publisher.until([&] { return video.count() >= 5; }));
    EXPECT_TRUE(removed()) << "it waits no longer";
    in.stop();
}

TEST_F(WhipDevice, APublisherThatIsRefusedIsToldWhy) {
    LivePublisher publisher;
    auto device = waiting(publisher, "live/unwanted");
    ASSERT_TRUE(device);
    g_signal_emit_by_name(device.get(), "refuse", "not today");
    EXPECT_EQ(answer_.get(), 404);
    EXPECT_TRUE(removed());
}

// ---- key frames -----------------------------------------------------------------------------------------------------

TEST_F(WhipSrc, APublisherThatMakesNoKeyFramesIsAskedEveryKeyInterval) {
    Taking in("key-interval=500000000");
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    publisher.makes_key_frames = false;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 75; }));
    const auto frames = in.video.frames();
    const auto keys = std::ranges::count_if(frames, &Record::Frame::key);
    EXPECT_GE(keys, 3);
    EXPECT_LE(keys, 7);
}

TEST_F(WhipSrc, WithoutAKeyIntervalNobodyAsksButDownstream) {
    Taking in("key-interval=0");
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    publisher.makes_key_frames = false;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 30; }));
    const std::uint64_t before = publisher.told().key_frame_requests;
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 60; }));
    EXPECT_EQ(publisher.told().key_frame_requests, before);
    auto pad = gst::adopt(gst_element_get_static_pad(in.pipeline.find("video").get(), "sink"));
    EXPECT_TRUE(
        gst_pad_push_event(pad.get(), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 1)));
    EXPECT_TRUE(publisher.until([&] {
        const auto frames = in.video.frames();
        return std::ranges::count_if(frames, &Record::Frame::key) >= 2;
    }));
    EXPECT_GT(publisher.told().key_frame_requests, before);
}

// ---- loss -----------------------------------------------------------------------------------------------------------

// One in ten, but no key frame's first.
bool one_in_ten(const OutgoingPacket& packet) {
    return packet.ssrc == webrtc::test::kVideo && packet.index % 10 == 7;
}

class WhipLoss : public WhipSrc, public testing::WithParamInterface<bool> {};

TEST_P(WhipLoss, WhatIsSentAgainLeavesNoGap) {
    Taking in;
    ASSERT_TRUE(in.plays());
    PublisherAbilities abilities;
    abilities.rtx = GetParam();
    LivePublisher publisher(abilities);
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 5; }));
    publisher.peer().loses = one_in_ten;
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 70; }));
    EXPECT_GT(publisher.told().lost, 5U);
    EXPECT_GE(publisher.told().retransmissions + 3, publisher.told().lost) << "the last may be on their way";
    EXPECT_EQ(in.stat("gaps"), 0U);
    EXPECT_GE(in.stat("recovered") + 20, publisher.told().lost);
    EXPECT_EQ(in.video.damaged(), 0U);
    const auto frames = in.video.frames();
    for (std::size_t i = 1; i < frames.size(); ++i) EXPECT_FALSE(frames[i].discontinuity) << i;
}

INSTANTIATE_TEST_SUITE_P(ByRtxOrPlain, WhipLoss, testing::Bool(),
                         [](const auto& info) { return info.param ? "Rtx" : "Plain"; });

TEST_F(WhipSrc, WhatIsLostForGoodDamagesNothingThatComesOut) {
    Taking in("latency=100000000");
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 10; }));
    const std::uint64_t asked = publisher.told().key_frame_requests;
    publisher.peer().loses_for_good = true;
    bool once = true;
    publisher.peer().loses = [&once](const OutgoingPacket& packet) {
        return packet.ssrc == webrtc::test::kVideo && packet.index % 7 == 3 && std::exchange(once, false);
    };
    ASSERT_TRUE(publisher.until([&] { return in.stat("gaps") == 1 && publisher.told().key_frame_requests > asked; }));
    const std::size_t before = in.video.count();
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= before + 20; }));
    EXPECT_EQ(in.video.damaged(), 0U);
    EXPECT_GE(in.stat("dropped-frames"), 1U);
    const auto frames = in.video.frames();
    for (std::size_t i = 1; i < frames.size(); ++i)
        EXPECT_TRUE(frames[i].key || *frames[i].picture == *frames[i - 1].picture + 1)
            << "a picture whose reference is missing: " << *frames[i].picture << " behind " << *frames[i - 1].picture;
    EXPECT_GE(std::ranges::count_if(frames, &Record::Frame::discontinuity), 2) << "the first, and where it goes on";
}

// ---- what a publisher should not do ---------------------------------------------------------------------------------

TEST_F(WhipSrc, HostilePacketsAreCountedAndTheStreamGoesOn) {
    Taking in;
    ASSERT_TRUE(in.plays());
    LivePublisher publisher;
    ASSERT_EQ(publisher.join(in.http, kPath).status, 201);
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= 5; }));
    auto& peer = publisher.peer();
    for (std::uint32_t i = 0; i < 300; ++i) {
        peer.send_hostile({.ssrc = 0xdead0000 + i, .type = 55, .index = i});  // nobody announced it
        peer.send_hostile(
            {.ssrc = 0xbeef0000 + i, .type = 55, .index = i, .contributors = 15});  // nor that, with CSRCs
        if (i % 20 == 0) publisher.turn();
    }
    // With the sequence number that the next picture would have had.
    peer.send_hostile({.type = webrtc::test::kAudioType, .index = peer.next_index(0), .contributors = 15});
    peer.jump(0, peer.next_index(0) + 1);
    for (std::size_t size = 0; size < 40; ++size) {
        Bytes truncated(size, 0x80);
        peer.send_raw(std::move(truncated));
    }
    Bytes forged(1200, 0x90);
    peer.send_raw(forged);
    forged.resize(65'000, 0x90);
    peer.send_raw(std::move(forged));
    peer.send_rtcp(Bytes{0x81, 200, 0, 1, 0, 0, 0, 0});
    const std::size_t before = in.video.count();
    ASSERT_TRUE(publisher.until([&] { return in.video.count() >= before + 40; }));
    EXPECT_TRUE(publisher.until([&] { return in.stat("refused-packets") >= 600; }));
    EXPECT_EQ(in.video.damaged(), 0U);
    EXPECT_EQ(in.stat("gaps"), 1U) << "the one of another type";
    EXPECT_EQ(publisher.peer().state(), webrtc::test::WhipPublisher::State::connected);
}

}  // namespace
