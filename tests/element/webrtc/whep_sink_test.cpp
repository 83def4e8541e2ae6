// SPDX-License-Identifier: LGPL-2.1-or-later
// millwhepsink with viewers over real HTTP and UDP: frames pushed by a harness, or by a pipeline that encodes.
#include <gst/check/gstharness.h>
#include <gtest/gtest.h>
#include <libsoup/soup.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/gst/ref.hpp"
#include "common/gst/rendition.hpp"
#include "tests/element/webrtc/live_viewer.hpp"
#include "tests/support/application_server.hpp"
#include "tests/support/test_video.hpp"

extern "C" {
GST_PLUGIN_STATIC_DECLARE(millwebrtc);
}

using namespace millrace;
using millrace::test::eventually;
using millrace::test::http_ask;
using millrace::test::Socket;
using webrtc::test::LiveViewer;

namespace {

constexpr const char* kOpusCaps = "audio/x-opus, channel-mapping-family=(int)0, channels=(int)2, rate=(int)48000";

std::string text_of(GstMessage* message) {
    GError* error = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        gst_message_parse_error(message, &error, nullptr);
    else
        gst_message_parse_warning(message, &error, nullptr);
    std::string text = error->message;
    g_error_free(error);
    return text;
}

class WhepSinkTest : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        gst_init(nullptr, nullptr);
        GST_PLUGIN_STATIC_REGISTER(millwebrtc);
    }

    void SetUp() override {
        port_ = Socket::free_port();
        realtime_wanted_ = 0;
        makes_renditions_ = false;
        sink_ = gst::share(gst_element_factory_make("millwhepsink", "rtc"));
        ASSERT_TRUE(sink_);
        set_addresses(sink_.get());
        bus_ = gst::adopt(gst_bus_new());
        gst_element_set_bus(sink_.get(), bus_.get());
    }

    void TearDown() override {
        if (video_) gst_harness_teardown(video_);
        if (audio_) gst_harness_teardown(audio_);
        gst_element_set_bus(sink_.get(), nullptr);
        gst_element_set_state(sink_.get(), GST_STATE_NULL);
    }

    void set_addresses(GstElement* sink) const {
        g_object_set(sink, "path", "live/cam1", "listen", ("127.0.0.1:" + std::to_string(port_)).c_str(), "udp-listen",
                     "127.0.0.1:0", nullptr);
    }
    GstHarness* start(const char* pad, const char* caps) {
        GstHarness* harness = gst_harness_new_with_element(sink_.get(), pad, nullptr);
        // As of most sources, which make no renditions: a harness takes everything.
        takes_all_ = GST_PAD_EVENTFUNC(harness->srcpad);
        gst_pad_set_event_function(harness->srcpad, [](GstPad* pad, GstObject* parent, GstEvent* event) -> gboolean {
            if (!gst::is_realtime_wanted(event)) return takes_all_.load()(pad, parent, event);
            gst_event_unref(event);
            ++realtime_wanted_;
            return makes_renditions_;
        });
        gst_harness_set_src_caps(harness, gst_caps_from_string(caps));
        gst_harness_play(harness);
        return harness;
    }
    void start_video(const char* caps = test::kVideoCaps) { video_ = start("video_0", caps); }

    void push() { ASSERT_EQ(gst_harness_push(video_, test::video_frame(frames_++)), GST_FLOW_OK); }
    // Pushes on until it is as it should be.
    template <class F>
    bool streams_until(LiveViewer& viewer, F&& true_at_last) {
        return viewer.until([&] {
            push();
            return true_at_last();
        });
    }

    std::string next_text(GstMessageType type) {
        auto message = gst::adopt(gst_bus_timed_pop_filtered(bus_.get(), 20 * GST_SECOND, type));
        return message ? text_of(message.get()) : "";
    }
    bool has_message(GstMessageType type) { return bool(gst::adopt(gst_bus_pop_filtered(bus_.get(), type))); }
    guint64 stat(const char* name) {
        GstStructure* stats = nullptr;
        g_object_get(sink_.get(), "stats", &stats, nullptr);
        gst::OwnedStructure owned(stats);
        guint64 value = 0;
        EXPECT_TRUE(gst_structure_get_uint64(stats, name, &value)) << name;
        return value;
    }

    static inline std::atomic<GstPadEventFunction> takes_all_{nullptr};
    static inline std::atomic<int> realtime_wanted_{0};
    static inline std::atomic<bool> makes_renditions_{false};
    std::uint16_t port_ = 0;
    gst::Ref<GstElement> sink_;
    gst::Ref<GstBus> bus_;
    GstHarness* video_ = nullptr;
    GstHarness* audio_ = nullptr;
    int frames_ = 0;
};

// ---- properties -----------------------------------------------------------------------------------------------------

TEST_F(WhepSinkTest, PropertiesAreAsDocumented) {
    auto fresh = gst::share(gst_element_factory_make("millwhepsink", nullptr));
    for (const char* name : {"path", "listen", "udp-listen", "advertise", "ice-servers"}) {
        gchar* text = nullptr;
        g_object_get(fresh.get(), name, &text, nullptr);
        EXPECT_TRUE(text == nullptr || *text == 0) << name << " is " << text;
        g_free(text);
    }
    guint most = 1;
    guint workers = 1;
    gboolean instant = FALSE;
    g_object_get(fresh.get(), "max-viewers", &most, "workers", &workers, "instant-start", &instant, nullptr);
    EXPECT_EQ(most, 0U);
    EXPECT_EQ(workers, 0U);
    EXPECT_TRUE(instant);
    GstStructure* stats = nullptr;
    g_object_get(fresh.get(), "stats", &stats, nullptr);
    gst::OwnedStructure owned(stats);
    EXPECT_STREQ(gst_structure_get_name(stats), "application/x-millwhepsink-stats");
}

TEST_F(WhepSinkTest, WhatCannotBeStartedIsAnErrorThatSaysWhatToSet) {
    struct Wrong {
        const char* property;
        const char* value;
        const char* named;
    };
    for (const Wrong& wrong : {Wrong{"path", "", "path="}, Wrong{"advertise", "nonsense/", "advertise"},
                               Wrong{"ice-servers", "http://x", "STUN"}, Wrong{"udp-listen", "nowhere", "nowhere"}}) {
        auto sink = gst::share(gst_element_factory_make("millwhepsink", nullptr));
        set_addresses(sink.get());
        g_object_set(sink.get(), wrong.property, wrong.value, nullptr);
        gst_element_set_bus(sink.get(), bus_.get());
        EXPECT_EQ(gst_element_set_state(sink.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE) << wrong.property;
        const std::string text = next_text(GST_MESSAGE_ERROR);
        EXPECT_NE(text.find(wrong.named), std::string::npos) << text;
        gst_element_set_bus(sink.get(), nullptr);
        gst_element_set_state(sink.get(), GST_STATE_NULL);
    }
}

// ---- pads -----------------------------------------------------------------------------------------------------------

TEST_F(WhepSinkTest, TakesEightRenditionsOfTheVideoAndAnySound) {
    std::vector<gst::Ref<GstPad>> pads;
    for (int i = 0; i < 8; ++i) {
        pads.push_back(gst::adopt(gst_element_request_pad_simple(sink_.get(), "video_%u")));
        EXPECT_TRUE(pads.back());
    }
    EXPECT_FALSE(gst::adopt(gst_element_request_pad_simple(sink_.get(), "video_%u")));
    for (int i = 0; i < 2; ++i) {
        pads.push_back(gst::adopt(gst_element_request_pad_simple(sink_.get(), "audio_%u")));
        EXPECT_TRUE(pads.back());
    }
    gst_element_release_request_pad(sink_.get(), pads[3].get());
    pads[3] = gst::adopt(gst_element_request_pad_simple(sink_.get(), "video_%u"));
    EXPECT_TRUE(pads[3]) << "after another has gone";
    for (const auto& pad : pads) gst_element_release_request_pad(sink_.get(), pad.get());
}

TEST_F(WhepSinkTest, AProfileThatNobodyDecodesIsAWarningAndThePipelineGoesOn) {
    start_video(
        "video/x-h264, stream-format=(string)avc, alignment=(string)au, width=(int)64, height=(int)64, "
        "profile=(string)high-4:4:4, codec_data=(buffer)"
        "01f4000dffe1001c67f4000d919b2884d80b50606064000003000400000300f23c50a65801000668ebec448440");
    push();
    push();
    const std::string text = next_text(GST_MESSAGE_WARNING);
    EXPECT_NE(text.find("4:2:0"), std::string::npos) << text;
    EXPECT_NE(text.find("video_0"), std::string::npos) << text;
    EXPECT_FALSE(has_message(GST_MESSAGE_ERROR));
    LiveViewer viewer;
    auto answer = viewer.join(port_, "live/cam1");
    EXPECT_EQ(answer.status, 406);
    EXPECT_NE(answer.body.find("4:2:0"), std::string::npos) << answer.body;
}

TEST_F(WhepSinkTest, PicturesThatAreReorderedAreAWarningAndViewersAreToldWhy) {
    start_video();
    push();
    LiveViewer watching;
    ASSERT_EQ(watching.join(port_, "live/cam1").status, 201);
    ASSERT_TRUE(watching.plays());
    for (int shown : {3, 1, 2}) {
        GstBuffer* frame = test::video_frame(frames_++);
        GST_BUFFER_PTS(frame) = static_cast<GstClockTime>(shown) * test::kFrameDuration;
        EXPECT_EQ(gst_harness_push(video_, frame), GST_FLOW_OK);
    }
    EXPECT_NE(next_text(GST_MESSAGE_WARNING).find("B-frames"), std::string::npos);
    EXPECT_FALSE(has_message(GST_MESSAGE_WARNING)) << "once";
    EXPECT_TRUE(eventually([&] { return stat("viewers") == 0; })) << "who had joined before is let go";
    LiveViewer late;
    auto answer = late.join(port_, "live/cam1");
    EXPECT_EQ(answer.status, 406);
    EXPECT_NE(answer.body.find("bframes=0"), std::string::npos) << answer.body;
}

TEST_F(WhepSinkTest, TheStreamEndsWhenAllTracksThatBeganHaveEnded) {
    start_video();
    audio_ = start("audio_0", kOpusCaps);
    push();
    gst_harness_push_event(video_, gst_event_new_eos());
    EXPECT_FALSE(has_message(GST_MESSAGE_EOS));
    gst_harness_push_event(audio_, gst_event_new_eos());
    EXPECT_TRUE(has_message(GST_MESSAGE_EOS));
    LiveViewer late;
    EXPECT_EQ(late.join(port_, "live/cam1").status, 503);
}

TEST_F(WhepSinkTest, ATrackThatNeverBeganIsNotWaitedFor) {
    auto silent = gst::adopt(gst_element_request_pad_simple(sink_.get(), "audio_%u"));
    start_video();
    push();
    gst_harness_push_event(video_, gst_event_new_eos());
    EXPECT_TRUE(has_message(GST_MESSAGE_EOS));
    gst_element_release_request_pad(sink_.get(), silent.get());
}

// ---- renditions -----------------------------------------------------------------------------------------------------

class WhepSinkRenditions : public WhepSinkTest {
  protected:
    void TearDown() override {
        if (other_) gst_harness_teardown(other_);
        WhepSinkTest::TearDown();
    }
    // A pad whose stream says what it is, as a ladder's do.
    GstHarness* start_as(const char* pad, const char* caps, const gst::Rendition& rendition) {
        GstHarness* harness = gst_harness_new_with_element(sink_.get(), pad, nullptr);
        gst_harness_play(harness);
        describe(harness, caps, rendition);
        return harness;
    }
    static void describe(GstHarness* harness, const char* caps, const gst::Rendition& rendition) {
        GstEvent* start = gst_event_new_stream_start("described");
        gst::describe(start, rendition);
        gst_harness_push_event(harness, start);
        auto owned = gst::adopt(gst_caps_from_string(caps));
        gst_harness_push_event(harness, gst_event_new_caps(owned.get()));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_harness_push_event(harness, gst_event_new_segment(&segment));
    }
    void push_to(GstHarness* harness, int number) {
        ASSERT_EQ(gst_harness_push(harness, test::video_frame(number)), GST_FLOW_OK);
    }
    // Shown out of the order of decoding.
    void push_reordered(GstHarness* harness) {
        for (int shown : {3, 1, 2}) {
            GstBuffer* frame = test::video_frame(1);
            GST_BUFFER_PTS(frame) = static_cast<GstClockTime>(shown) * test::kFrameDuration;
            ASSERT_EQ(gst_harness_push(harness, frame), GST_FLOW_OK);
        }
    }
    struct Told {
        std::string rendition;
        guint64 viewers = 0;
        guint64 bitrate = 0;
        bool refused = false;
    };
    std::vector<Told> renditions() {
        GstStructure* stats = nullptr;
        g_object_get(sink_.get(), "stats", &stats, nullptr);
        gst::OwnedStructure owned(stats);
        const GValue* list = gst_structure_get_value(stats, "renditions");
        std::vector<Told> told;
        for (guint i = 0; list && i < gst_value_list_get_size(list); ++i) {
            const GstStructure* each = gst_value_get_structure(gst_value_list_get_value(list, i));
            gboolean refused = FALSE;
            Told& one = told.emplace_back();
            one.rendition = gst_structure_get_string(each, "rendition");
            gst_structure_get(each, "viewers", G_TYPE_UINT64, &one.viewers, "bitrate", G_TYPE_UINT64, &one.bitrate,
                              "refused", G_TYPE_BOOLEAN, &refused, nullptr);
            one.refused = refused;
        }
        return told;
    }

    GstHarness* other_ = nullptr;
};

TEST_F(WhepSinkRenditions, AreCalledWhatTheirStreamsOrTheirPadsSay) {
    video_ = start_as("video_0", test::kVideoCaps, {.name = "720p", .bitrate = 2'500'000});
    other_ = start("video_1", test::kVideoCaps);
    auto told = renditions();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].rendition, "720p");
    EXPECT_EQ(told[0].bitrate, 2'500'000U);
    EXPECT_EQ(told[1].rendition, "video_1");
    EXPECT_FALSE(told[0].refused);
    auto pad = gst::adopt(gst_element_get_static_pad(sink_.get(), "video_1"));
    g_object_set(pad.get(), "rendition", "low", "bitrate", guint64{800'000}, nullptr);
    auto caps = gst::adopt(gst_caps_from_string(test::kVideoCaps));
    describe(other_, test::kVideoCaps, {.name = "not this"});
    told = renditions();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[1].rendition, "low");
    EXPECT_EQ(told[1].bitrate, 800'000U);
}

TEST_F(WhepSinkRenditions, OneThatAViewerAsksForIsWhatItIsSent) {
    video_ = start_as("video_0", test::kVideoCaps, {.name = "high & wide", .bitrate = 4'000'000});
    other_ = start_as("video_1", test::kVideoCaps, {.name = "low", .bitrate = 800'000});
    push_to(video_, 0);
    push_to(other_, 0);
    LiveViewer nobody;
    auto refused = nobody.join(port_, "live/cam1", {}, "?rendition=huge");
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find("high & wide, low"), std::string::npos) << refused.body;
    LiveViewer viewer;
    auto answer = viewer.join(port_, "live/cam1", {}, "?x=1&rendition=high%20%26%20wide");
    ASSERT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(answer.header("Millrace-Renditions"), "high%20%26%20wide;bitrate=4000000, low;bitrate=800000");
    EXPECT_NE(answer.header("Access-Control-Expose-Headers").find("Millrace-Renditions"), std::string::npos);
    EXPECT_EQ(answer.body.find("transport-cc"), std::string::npos) << "it adapts to nothing";
    ASSERT_TRUE(viewer.plays());
    int number = 1;
    auto told_high = [&] {
        push_to(video_, number);
        push_to(other_, number++);
        const auto told = renditions();
        return told.size() == 2 && told[0].viewers == 1 && told[1].viewers == 0;
    };
    EXPECT_TRUE(viewer.until(told_high));
    EXPECT_TRUE(viewer.until([&] { return told_high() && viewer.seen().frames().whole() > 5; }));
}

TEST_F(WhepSinkRenditions, AreChosenFromWithTransportFeedback) {
    start_video();
    push();
    LiveViewer alone;
    EXPECT_EQ(alone.join(port_, "live/cam1").body.find("transport-wide-cc"), std::string::npos);
    other_ = start("video_1", test::kVideoCaps);
    LiveViewer viewer;
    auto answer = viewer.join(port_, "live/cam1");
    ASSERT_EQ(answer.status, 201);
    EXPECT_EQ(answer.header("Millrace-Renditions"), "video_0;bitrate=0, video_1;bitrate=0");
}

TEST_F(WhepSinkRenditions, ThatAreForOtherOutputsHoldNothingUp) {
    video_ = start_as("video_0", test::kVideoCaps, {.name = "copy", .realtime = false});
    other_ = start_as("video_1", test::kVideoCaps, {.name = "720p"});
    audio_ = start_as("audio_0", "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw, framed=(boolean)true",
                      {.realtime = false});
    push_reordered(video_);
    push_to(other_, 0);
    LiveViewer viewer;
    ASSERT_EQ(viewer.join(port_, "live/cam1").status, 201);
    ASSERT_TRUE(viewer.plays());
    EXPECT_FALSE(has_message(GST_MESSAGE_WARNING));
    EXPECT_EQ(realtime_wanted_, 0);
    EXPECT_EQ(renditions().size(), 1U);
    gst_harness_push_event(video_, gst_event_new_eos());
    EXPECT_FALSE(has_message(GST_MESSAGE_EOS));
    gst_harness_push_event(other_, gst_event_new_eos());
    EXPECT_TRUE(has_message(GST_MESSAGE_EOS));
    gst_harness_push_event(audio_, gst_event_new_eos());
    EXPECT_FALSE(has_message(GST_MESSAGE_EOS)) << "once";
}

TEST_F(WhepSinkRenditions, OneThatCannotBeShownIsLeftOutAndItsViewersGoOn) {
    video_ = start_as("video_0", test::kVideoCaps, {.name = "copy", .bitrate = 2'000'000});
    other_ = start_as("video_1", test::kVideoCaps, {.name = "low", .bitrate = 800'000});
    push_to(video_, 0);
    push_to(other_, 0);
    LiveViewer viewer;
    ASSERT_EQ(viewer.join(port_, "live/cam1").status, 201);
    ASSERT_TRUE(viewer.plays());
    EXPECT_TRUE(viewer.until([&] { return viewer.seen().frames().whole() > 0; }));
    push_reordered(video_);
    int number = 1;
    EXPECT_TRUE(viewer.until([&] {
        push_to(other_, number++);
        return viewer.seen().frames().whole() > 10 && stat("switches-down") == 1;
    }));
    EXPECT_EQ(viewer.seen().lost_video(), 0U);
    const auto told = renditions();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_TRUE(told[0].refused);
    EXPECT_FALSE(told[1].refused);
    EXPECT_FALSE(has_message(GST_MESSAGE_WARNING));
    EXPECT_EQ(realtime_wanted_, 0);
}

TEST_F(WhepSinkRenditions, WhereNoneCanBeShownOneIsAskedForOnce) {
    makes_renditions_ = true;
    start_video();
    push();
    push_reordered(video_);
    push();
    EXPECT_EQ(realtime_wanted_, 1);
    EXPECT_FALSE(has_message(GST_MESSAGE_WARNING)) << "it is being made";
    LiveViewer early;
    EXPECT_EQ(early.join(port_, "live/cam1").status, 406);
    other_ = start_as("video_1", test::kVideoCaps, {.name = "720p"});
    push_to(other_, 0);
    LiveViewer viewer;
    EXPECT_EQ(viewer.join(port_, "live/cam1").status, 201) << "here it is";
    EXPECT_TRUE(viewer.plays());
}

TEST_F(WhepSinkRenditions, OpusIsTakenRatherThanWhatWouldHaveToBeMadeIntoIt) {
    audio_ = start("audio_0",
                   "audio/x-raw, format=(string)S16LE, layout=(string)interleaved, rate=(int)48000, "
                   "channels=(int)2");
    other_ = start("audio_1", kOpusCaps);
    auto push_sound = [](GstHarness* harness, gsize size) {
        GstBuffer* buffer = gst_buffer_new_and_alloc(size);
        gst_buffer_memset(buffer, 0, 0, size);
        GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = 0;
        GST_BUFFER_DURATION(buffer) = 20 * GST_MSECOND;
        return gst_harness_push(harness, buffer);
    };
    EXPECT_EQ(push_sound(audio_, 3840), GST_FLOW_OK);
    EXPECT_EQ(push_sound(other_, 80), GST_FLOW_OK);
    EXPECT_EQ(push_sound(audio_, 3840), GST_FLOW_OK);
    webrtc::test::WhepViewerOptions options;
    options.abilities.video.clear();
    LiveViewer viewer(options);
    ASSERT_EQ(viewer.join(port_, "live/cam1").status, 201);
    EXPECT_TRUE(viewer.plays());
    gst_harness_push_event(other_, gst_event_new_eos());
    EXPECT_FALSE(has_message(GST_MESSAGE_EOS));
    EXPECT_EQ(push_sound(audio_, 3840), GST_FLOW_OK) << "the other takes its place";
    gst_harness_push_event(audio_, gst_event_new_eos());
    EXPECT_TRUE(has_message(GST_MESSAGE_EOS));
}

// ---- viewers --------------------------------------------------------------------------------------------------------

TEST_F(WhepSinkTest, AViewerJoinsSeesPicturesAndLeaves) {
    start_video();
    push();
    LiveViewer viewer;
    ASSERT_EQ(viewer.join(port_, "live/cam1").status, 201);
    EXPECT_EQ(viewer.session().find("/live/cam1/whep/"), 0U) << viewer.session();
    ASSERT_TRUE(viewer.plays()) << viewer.seen().failure();
    EXPECT_TRUE(streams_until(viewer, [&] { return viewer.seen().frames().whole() >= 40; }));
    EXPECT_GE(viewer.seen().frames().key_frames(), 1U);
    EXPECT_EQ(viewer.seen().frames().broken(), 0U);
    EXPECT_EQ(viewer.seen().counts().auth_failures, 0U);
    EXPECT_EQ(viewer.seen().counts().unknown_packets, 0U);
    EXPECT_EQ(stat("viewers"), 1U);
    EXPECT_EQ(stat("sessions"), 1U);
    EXPECT_EQ(viewer.leave(), 200);
    EXPECT_TRUE(eventually([&] { return stat("viewers") == 0 && stat("sessions") == 0; }));
    EXPECT_EQ(stat("joined"), 1U);
    EXPECT_EQ(viewer.leave(), 404);
}

TEST_F(WhepSinkTest, ViewersBeyondTheLimitAreToldToTryLater) {
    g_object_set(sink_.get(), "max-viewers", 1, nullptr);
    start_video();
    push();
    LiveViewer first;
    LiveViewer second;
    EXPECT_EQ(first.join(port_, "live/cam1").status, 201);
    auto refused = second.join(port_, "live/cam1");
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.header("Retry-After"), "");
    EXPECT_EQ(first.leave(), 200);
    EXPECT_EQ(second.join(port_, "live/cam1").status, 201);
}

TEST_F(WhepSinkTest, BeforeTheFirstPictureViewersAreToldToTryAgain) {
    ASSERT_NE(gst_element_set_state(sink_.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    LiveViewer viewer;
    EXPECT_EQ(viewer.join(port_, "live/cam1").status, 503);
}

TEST_F(WhepSinkTest, AnApplicationDecidesWhoMayWatchAndHearsOfThem) {
    struct Heard {
        std::atomic<int> joined{0};
        std::atomic<int> left{0};
    } heard;
    using Authorize = gboolean (*)(GstElement*, GstStructure*, gpointer);
    const Authorize authorize = [](GstElement*, GstStructure* request, gpointer) -> gboolean {
        return g_strcmp0(gst_structure_get_string(request, "token"), "good") == 0 &&
               g_strcmp0(gst_structure_get_string(request, "path"), "live/cam1") == 0;
    };
    using Tell = void (*)(GstElement*, GstStructure*, Heard*);
    const Tell joined = [](GstElement*, GstStructure*, Heard* to) { ++to->joined; };
    const Tell left = [](GstElement*, GstStructure*, Heard* to) { ++to->left; };
    g_signal_connect(sink_.get(), "authorize", G_CALLBACK(authorize), nullptr);
    g_signal_connect(sink_.get(), "viewer-joined", G_CALLBACK(joined), &heard);
    g_signal_connect(sink_.get(), "viewer-left", G_CALLBACK(left), &heard);
    start_video();
    push();
    LiveViewer viewer;
    EXPECT_EQ(viewer.join(port_, "live/cam1").status, 401);
    EXPECT_EQ(viewer.join(port_, "live/cam1", "Authorization: Bearer bad\r\n").status, 403);
    EXPECT_EQ(viewer.join(port_, "live/cam1", "Authorization: Bearer good\r\n").status, 201);
    ASSERT_TRUE(viewer.plays());
    EXPECT_TRUE(eventually([&] { return heard.joined == 1; }));
    EXPECT_EQ(viewer.leave(), 200);
    EXPECT_TRUE(eventually([&] { return heard.left == 1; }));
    EXPECT_EQ(heard.joined, 1);
}

TEST_F(WhepSinkTest, AKeyFrameIsAskedForWhenAViewerHasNoneToBeginWith) {
    start_video();
    frames_ = 1;
    push();
    const auto began = std::chrono::steady_clock::now();
    LiveViewer viewer;
    LiveViewer another;
    ASSERT_EQ(viewer.join(port_, "live/cam1").status, 201);
    ASSERT_EQ(another.join(port_, "live/cam1").status, 201);
    ASSERT_TRUE(viewer.plays() && another.plays());
    int asked = 0;
    auto count = [&] {
        while (GstEvent* event = gst_harness_try_pull_upstream_event(video_)) {
            asked += gst_event_has_name(event, "GstForceKeyUnit") ? 1 : 0;
            gst_event_unref(event);
        }
    };
    // No key frame, and that twice a second apart.
    EXPECT_TRUE(viewer.until([&] {
        another.turn();
        if (frames_ % test::kKeyInterval == 0) ++frames_;
        push();
        count();
        return asked >= 2;
    }));
    const auto seconds = (std::chrono::steady_clock::now() - began) / std::chrono::seconds(1);
    EXPECT_LE(asked, 1 + seconds) << "for all viewers once a second";
    EXPECT_EQ(viewer.seen().counts().video_packets, 0U);
    frames_ = test::kKeyInterval;
    EXPECT_TRUE(streams_until(viewer, [&] { return viewer.seen().frames().key_frames() > 0; }));
    EXPECT_TRUE(streams_until(another, [&] { return another.seen().frames().key_frames() > 0; }));
}

// ---- start and stop -------------------------------------------------------------------------------------------------

TEST_F(WhepSinkTest, ItMayStopAndStartAgainAndAgain) {
    start_video();
    for (int round = 0; round < 10; ++round) {
        LiveViewer viewer;
        push();
        frames_ = 0;
        push();
        ASSERT_EQ(viewer.join(port_, "live/cam1").status, 201) << "round " << round;
        if (round % 2 == 0) {
            ASSERT_TRUE(viewer.plays());
        }
        ASSERT_EQ(gst_element_set_state(sink_.get(), GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
        EXPECT_NE(http_ask(port_, "GET", "/live/cam1/").status, 200);
        ASSERT_NE(gst_element_set_state(sink_.get(), GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
        // A pad that was inactive has forgotten its events.
        gst_harness_push_event(video_, gst_event_new_stream_start("again"));
        auto caps = gst::adopt(gst_caps_from_string(test::kVideoCaps));
        gst_harness_push_event(video_, gst_event_new_caps(caps.get()));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_harness_push_event(video_, gst_event_new_segment(&segment));
        frames_ = 0;
    }
}

TEST_F(WhepSinkTest, APathThatIsTakenIsAnErrorThatNamesIt) {
    start_video();
    auto second = gst::share(gst_element_factory_make("millwhepsink", "second"));
    set_addresses(second.get());
    gst_element_set_bus(second.get(), bus_.get());
    EXPECT_EQ(gst_element_set_state(second.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    EXPECT_NE(next_text(GST_MESSAGE_ERROR).find("live/cam1"), std::string::npos);
    gst_element_set_state(second.get(), GST_STATE_NULL);
    gst_element_set_bus(second.get(), nullptr);
}

TEST_F(WhepSinkTest, AnApplicationsOwnHttpServerIsUsedWhenItIsHandedIn) {
    test::ApplicationServer application;
    auto context = gst::adopt(gst_context_new("millrace.http-server", TRUE));
    gst_structure_set(gst_context_writable_structure(context.get()), "server", SOUP_TYPE_SERVER, application.soup(),
                      nullptr);
    gst_element_set_context(sink_.get(), context.get());
    start_video();
    push();
    LiveViewer viewer;
    auto answer = std::async(std::launch::async, [&] { return viewer.join(application.port(), "live/cam1").status; });
    while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        g_main_context_iteration(nullptr, FALSE);
    EXPECT_EQ(answer.get(), 201);
    EXPECT_TRUE(viewer.plays()) << viewer.seen().failure();
    EXPECT_TRUE(streams_until(viewer, [&] { return viewer.seen().frames().whole() > 5; }));
}

// ---- sound ----------------------------------------------------------------------------------------------------------

struct Encoding {
    const char* name;
    const char* encoder;  // the first word is a factory
    const char* parser;
};

class WhepSinkSound : public WhepSinkTest, public testing::WithParamInterface<Encoding> {};

TEST_P(WhepSinkSound, BecomesOpus) {
    const std::string encoder = GetParam().encoder;
    for (const std::string& factory : {encoder, std::string(GetParam().parser)})
        if (!gst::adopt(gst_element_factory_find(factory.c_str()))) GTEST_SKIP() << "no " << factory;
    const std::string text =
        "audiotestsrc is-live=true ! audio/x-raw,rate=44100,channels=2 ! audioresample ! " + encoder + " ! " +
        GetParam().parser +
        " ! millwhepsink path=live/sound udp-listen=127.0.0.1:0 listen=127.0.0.1:" + std::to_string(port_);
    auto pipeline = gst::adopt(gst_parse_launch(text.c_str(), nullptr));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    webrtc::test::WhepViewerOptions options;
    options.abilities.video.clear();
    LiveViewer viewer(options);
    EXPECT_TRUE(eventually([&] { return viewer.join(port_, "live/sound").status == 201; }));
    EXPECT_TRUE(viewer.plays()) << viewer.seen().failure();
    EXPECT_TRUE(viewer.until([&] { return viewer.seen().received() >= 20; }));
    EXPECT_EQ(viewer.seen().counts().auth_failures, 0U);
    EXPECT_EQ(viewer.seen().counts().unknown_packets, 0U);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}

INSTANTIATE_TEST_SUITE_P(Encodings, WhepSinkSound,
                         testing::Values(Encoding{"raw", "identity", "identity"},
                                         Encoding{"aac", "avenc_aac", "aacparse"},
                                         Encoding{"mp3", "lamemp3enc", "mpegaudioparse"},
                                         Encoding{"opus", "opusenc", "opusparse"}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
