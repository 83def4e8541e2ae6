// SPDX-License-Identifier: LGPL-2.1-or-later
// millingestsrc with two protocols that only these tests know.
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/base/thread.hpp"
#include "common/base/time.hpp"
#include "common/gst/publisher_device.hpp"
#include "common/gst/ref.hpp"
#include "common/gst/rendition.hpp"
#include "common/net/worker.hpp"
#include "tests/element/ingest/paint.hpp"

extern "C" {
GST_PLUGIN_STATIC_DECLARE(millingest);
}

using namespace millrace;
using test::Colour;
using test::PaintPublisher;

namespace {

constexpr Duration kPatience = 10s;
constexpr const char* kSmall = "video/x-h264,stream-format=avc,alignment=au,width=160,height=90";
constexpr const char* kLarge = "video/x-h264,stream-format=avc,alignment=au,width=1280,height=720";
constexpr const char* kAac = "audio/mpeg,mpegversion=4,stream-format=raw,framed=true,rate=48000,channels=2";
constexpr const char* kOpus = "audio/x-opus,channel-mapping-family=0,rate=48000,channels=2";

// What comes out of a pad.
struct Heard {
    std::vector<std::string> events;  // names, in order; caps by their media type and width
    std::vector<GstClockTime> times;
    std::vector<bool> discontinuities;
    std::string rendition;
};

// An element that plays in a pipeline, and what its pads say.
class Playing {
  public:
    explicit Playing(const std::string& path, const std::string& more = "")
        : pipeline_(gst::share(gst_pipeline_new(nullptr))) {
        GstElement* element = gst_parse_launch(("millingestsrc name=in path=" + path + " " + more).c_str(), nullptr);
        gst_bin_add(GST_BIN(pipeline_.get()), element);
        element_ = gst::share(element);
        g_signal_connect(element, "pad-added", G_CALLBACK(&Playing::on_pad), this);
        g_signal_connect(element, "no-more-pads", G_CALLBACK(&Playing::on_no_more), this);
        g_signal_connect(element, "publisher-connected", G_CALLBACK(&Playing::on_connected), this);
        g_signal_connect(element, "publisher-disconnected", G_CALLBACK(&Playing::on_disconnected), this);
    }
    ~Playing() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    Playing(const Playing&) = delete;
    Playing& operator=(const Playing&) = delete;

    GstStateChangeReturn play() { return gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }
    [[nodiscard]] GstElement* element() const { return element_.get(); }
    [[nodiscard]] GstElement* pipeline() const { return pipeline_.get(); }

    // Until `fits` says so of the pad; what it is then.
    bool await(const std::string& pad, const std::function<bool(const Heard&)>& fits) {
        Lock lock(mutex_);
        const TimePoint until = net::now() + kPatience;
        while (!fits(heard_[pad]) && net::now() < until) changed_.wait_for(mutex_, 100ms);
        return fits(heard_[pad]);
    }
    // Until it has told of those who came and went, "+red-red+blue"; what it told.
    std::string await_told(const std::string& awaited) {
        Lock lock(mutex_);
        const TimePoint until = net::now() + kPatience;
        while (told_ != awaited && net::now() < until) changed_.wait_for(mutex_, 100ms);
        return told_;
    }
    Heard heard(const std::string& pad) {
        Lock lock(mutex_);
        return heard_[pad];
    }
    std::size_t pads() {
        Lock lock(mutex_);
        return sinks_.size();
    }
    bool complete() {
        Lock lock(mutex_);
        return complete_;
    }
    gst::Ref<GstPad> sink(const std::string& pad) {
        Lock lock(mutex_);
        return sinks_[pad];
    }

    gst::OwnedStructure stats() {
        GstStructure* stats = nullptr;
        g_object_get(element_.get(), "stats", &stats, nullptr);
        return gst::OwnedStructure(stats);
    }
    guint64 counted(const char* counter) {
        guint64 value = 0;
        gst_structure_get_uint64(stats().get(), counter, &value);
        return value;
    }
    gst::Ref<GstMessage> message(GstMessageType type) {
        auto bus = gst::adopt(gst_element_get_bus(pipeline_.get()));
        return gst::adopt(gst_bus_timed_pop_filtered(bus.get(), 10 * GST_SECOND, type));
    }

  private:
    static void on_pad(GstElement*, GstPad* pad, Playing* self) {
        auto any = gst::adopt(gst_caps_new_any());
        auto templ = gst::share(gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, any.get()));
        auto sink = gst::share(gst_pad_new_from_template(templ.get(), GST_PAD_NAME(pad)));
        gst_pad_set_element_private(sink.get(), self);
        gst_pad_set_chain_function(sink.get(), chain);
        gst_pad_set_event_function(sink.get(), event);
        gst_pad_set_active(sink.get(), TRUE);
        {
            Lock lock(self->mutex_);
            self->sinks_[GST_PAD_NAME(pad)] = sink;
        }
        gst_pad_link(pad, sink.get());
    }
    static void on_no_more(GstElement*, Playing* self) {
        Lock lock(self->mutex_);
        self->complete_ = true;
    }
    static void on_connected(GstElement*, GstStructure* who, Playing* self) { self->tell("+", who); }
    static void on_disconnected(GstElement*, GstStructure* who, Playing* self) { self->tell("-", who); }
    void tell(const char* what, GstStructure* who) {
        Lock lock(mutex_);
        told_ += std::string(what) + gst_structure_get_string(who, "protocol");
        changed_.notify_all();
    }
    template <class F>
    static void note(GstPad* pad, F&& write) {
        auto* self = static_cast<Playing*>(gst_pad_get_element_private(pad));
        Lock lock(self->mutex_);
        write(self->heard_[GST_PAD_NAME(pad)]);
        self->changed_.notify_all();
    }
    static GstFlowReturn chain(GstPad* pad, GstObject*, GstBuffer* raw) {
        auto buffer = gst::adopt(raw);
        note(pad, [&](Heard& heard) {
            heard.times.push_back(GST_BUFFER_DTS(raw));
            heard.discontinuities.push_back(GST_BUFFER_FLAG_IS_SET(raw, GST_BUFFER_FLAG_DISCONT));
        });
        return GST_FLOW_OK;
    }
    static std::string name_of(GstEvent* event) {
        if (GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_DOWNSTREAM)
            return gst_structure_get_name(gst_event_get_structure(event));
        if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return GST_EVENT_TYPE_NAME(event);
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event, &caps);
        const GstStructure* structure = gst_caps_get_structure(caps, 0);
        int width = 0;
        gst_structure_get_int(structure, "width", &width);
        return std::string(gst_structure_get_name(structure)) + (width ? " " + std::to_string(width) : "");
    }
    static gboolean event(GstPad* pad, GstObject*, GstEvent* raw) {
        auto event = gst::adopt(raw);
        note(pad, [&](Heard& heard) {
            heard.events.push_back(name_of(raw));
            if (GST_EVENT_TYPE(raw) != GST_EVENT_STREAM_START) return;
            if (auto rendition = gst::rendition_of(raw)) heard.rendition = rendition->name;
        });
        return TRUE;
    }

    gst::Ref<GstElement> pipeline_;
    gst::Ref<GstElement> element_;
    Mutex mutex_;
    Condition changed_;
    std::map<std::string, gst::Ref<GstPad>> sinks_ GUARDED_BY(mutex_);
    std::map<std::string, Heard> heard_ GUARDED_BY(mutex_);
    bool complete_ GUARDED_BY(mutex_) = false;
    std::string told_ GUARDED_BY(mutex_);
};

auto frames(std::size_t count) {
    return [count](const Heard& heard) { return heard.times.size() >= count; };
}

auto has(const std::string& event) {
    return [event](const Heard& heard) { return std::ranges::find(heard.events, event) != heard.events.end(); };
}

class IngestSrc : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        gst_init(nullptr, nullptr);
        GST_PLUGIN_STATIC_REGISTER(millingest);
        test::register_paint();
    }

    static void publish_video(PaintPublisher& publisher, const char* caps = kSmall) {
        publisher.offer();
        ASSERT_TRUE(publisher.await_taken());
        publisher.open("video_0", caps);
        publisher.all_open();
    }
};

TEST_F(IngestSrc, WhatAPublisherSendsComesOutOfPadsOfTheSameNames) {
    Playing in("live/a");
    EXPECT_EQ(gst_element_set_state(in.pipeline(), GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
    in.play();
    PaintPublisher red(Colour::red, "live/a");
    red.offer();
    ASSERT_TRUE(red.await_taken());
    red.open("video_0", kSmall, "720p");
    red.open("audio_1", kAac);
    EXPECT_FALSE(in.complete());
    red.all_open();
    EXPECT_TRUE(in.complete());
    EXPECT_EQ(red.send("video_0", 5 * GST_SECOND), GST_FLOW_OK);
    EXPECT_EQ(red.send("audio_1", 4 * GST_SECOND), GST_FLOW_OK);
    ASSERT_TRUE(in.await("video_0", frames(1)));
    ASSERT_TRUE(in.await("audio_1", frames(1)));
    const Heard video = in.heard("video_0");
    EXPECT_EQ(video.events, (std::vector<std::string>{"stream-start", "video/x-h264 160", "segment"}));
    EXPECT_EQ(video.times, std::vector<GstClockTime>{5 * GST_SECOND});
    EXPECT_EQ(video.rendition, "720p");
    EXPECT_EQ(in.heard("audio_1").times, std::vector<GstClockTime>{4 * GST_SECOND});
    EXPECT_EQ(in.await_told("+red"), "+red");
    EXPECT_EQ(in.counted("publishers"), 1U);
    EXPECT_STREQ(gst_structure_get_string(in.stats().get(), "protocol"), "red");
}

TEST_F(IngestSrc, TakesWhoeverWaitedBeforeItStarted) {
    auto monitor = gst::adopt(gst_device_monitor_new());
    gst_device_monitor_add_filter(monitor.get(), gst::kPublisherClass, nullptr);
    ASSERT_TRUE(gst_device_monitor_start(monitor.get()));
    PaintPublisher blue(Colour::blue, "live/a");
    blue.offer();
    Playing in("/live/a");
    in.play();
    EXPECT_TRUE(blue.await_taken());
    gst_device_monitor_stop(monitor.get());
}

TEST_F(IngestSrc, TakesWhomTheDeviceMonitorOfAnApplicationSeesFirst) {
    Playing in("live/a");
    in.play();
    auto monitor = gst::adopt(gst_device_monitor_new());
    gst_device_monitor_add_filter(monitor.get(), gst::kPublisherClass, nullptr);
    ASSERT_TRUE(gst_device_monitor_start(monitor.get()));
    PaintPublisher blue(Colour::blue, "live/a");
    blue.offer();
    EXPECT_TRUE(blue.await_taken());
    gst_device_monitor_stop(monitor.get());
}

TEST_F(IngestSrc, APublisherOfAnotherPathIsNotItsOwn) {
    Playing in("live/a");
    Playing other("live/b");
    in.play();
    other.play();
    PaintPublisher red(Colour::red, "live/b");
    PaintPublisher blue(Colour::blue, "live/a");
    publish_video(red, kLarge);
    publish_video(blue, kSmall);
    red.send("video_0", GST_SECOND);
    blue.send("video_0", GST_SECOND);
    ASSERT_TRUE(in.await("video_0", frames(1)));
    ASSERT_TRUE(other.await("video_0", frames(1)));
    EXPECT_TRUE(has("video/x-h264 160")(in.heard("video_0")));
    EXPECT_TRUE(has("video/x-h264 1280")(other.heard("video_0")));
}

TEST_F(IngestSrc, RefusesAnotherProtocolWhileOnePublishes) {
    Playing in("live/a");
    in.play();
    PaintPublisher red(Colour::red, "live/a");
    publish_video(red);
    PaintPublisher blue(Colour::blue, "live/a");
    blue.offer();
    EXPECT_EQ(blue.await_refusal(), "the stream live/a already has a publisher");
    EXPECT_EQ(blue.refusal(), gst::Refusal::busy);
    EXPECT_EQ(in.counted("refused"), 1U);
    EXPECT_EQ(red.send("video_0", GST_SECOND), GST_FLOW_OK);
    EXPECT_TRUE(in.await("video_0", frames(1)));
}

TEST_F(IngestSrc, APublisherThatReturnsByAnotherProtocolContinuesOnTheSamePads) {
    Playing in("live/a", "reconnect-timeout=60000000000");
    in.play();
    {
        PaintPublisher red(Colour::red, "live/a");
        publish_video(red, kSmall);
        red.open("audio_0", kAac);
        for (int i = 0; i < 3; ++i) red.send("video_0", i * GST_SECOND);
        red.send("audio_0", GST_SECOND);
        ASSERT_TRUE(in.await("video_0", frames(3)));
    }
    PaintPublisher blue(Colour::blue, "live/a");
    publish_video(blue, kLarge);
    blue.open("audio_0", kOpus);
    // Its clock is behind the stream: the stream does not step back, and sound keeps its distance to the picture.
    blue.send("video_0", 1500 * GST_MSECOND);
    blue.send("video_0", 1600 * GST_MSECOND);
    blue.send("audio_0", 1550 * GST_MSECOND);
    ASSERT_TRUE(in.await("video_0", frames(5)));
    ASSERT_TRUE(in.await("audio_0", frames(2)));
    const Heard video = in.heard("video_0");
    EXPECT_EQ(video.times[3], 2000 * GST_MSECOND);
    EXPECT_EQ(video.times[4], 2100 * GST_MSECOND);
    EXPECT_EQ(video.discontinuities, (std::vector<bool>{true, false, false, true, false}));
    EXPECT_EQ(video.events, (std::vector<std::string>{"stream-start", "video/x-h264 160", "segment",
                                                      "millrace-interrupted", "video/x-h264 1280"}));
    const Heard audio = in.heard("audio_0");
    EXPECT_EQ(audio.times.back(), 2050 * GST_MSECOND);
    EXPECT_TRUE(has("audio/x-opus")(audio));
    EXPECT_EQ(in.pads(), 2U);
    EXPECT_EQ(in.await_told("+red-red+blue"), "+red-red+blue");
    EXPECT_EQ(in.counted("changes"), 1U);
    EXPECT_STREQ(gst_structure_get_string(in.stats().get(), "protocol"), "blue");
}

TEST_F(IngestSrc, APublisherThatReturnsByTheSameProtocolReachesTheSameSource) {
    Playing in("live/a", "reconnect-timeout=60000000000");
    in.play();
    for (unsigned i = 1; i <= 3; ++i) {
        PaintPublisher red(Colour::red, "live/a");
        publish_video(red);
        red.send("video_0", i * GST_SECOND);
        ASSERT_TRUE(in.await("video_0", frames(i)));
    }
    EXPECT_EQ(in.counted("changes"), 0U);
}

TEST_F(IngestSrc, APublisherMayChangeItsFormat) {
    Playing in("live/a");
    in.play();
    PaintPublisher red(Colour::red, "live/a");
    publish_video(red, kSmall);
    EXPECT_EQ(red.send("video_0", 0), GST_FLOW_OK);
    red.open("video_0", kLarge);
    EXPECT_EQ(red.send("video_0", GST_SECOND), GST_FLOW_OK);
    EXPECT_TRUE(in.await("video_0", has("video/x-h264 1280")));
}

TEST_F(IngestSrc, EosComesWhenNobodyReturnsInTimeAndThePathIsFree) {
    Playing in("live/a", "reconnect-timeout=100000000");
    in.play();
    PaintPublisher red(Colour::red, "live/a");
    publish_video(red);
    red.send("video_0", 0);
    red.leave();
    ASSERT_TRUE(in.await("video_0", has("eos")));
    Playing successor("live/a");
    successor.play();
    PaintPublisher again(Colour::red, "live/a");
    again.offer();
    EXPECT_TRUE(again.await_taken());
}

TEST_F(IngestSrc, AnApplicationEndsTheStreamByEos) {
    Playing in("live/a");
    in.play();
    EXPECT_FALSE(gst_element_send_event(in.element(), gst_event_new_eos())) << "there are no pads to say it on";
    PaintPublisher red(Colour::red, "live/a");
    publish_video(red);
    EXPECT_TRUE(gst_element_send_event(in.element(), gst_event_new_eos()));
    EXPECT_TRUE(in.await("video_0", has("eos")));
}

TEST_F(IngestSrc, AWishForAKeyFrameReachesTheSourceThatPublishesNow) {
    Playing in("live/a", "reconnect-timeout=60000000000");
    in.play();
    auto wish = [&] {
        gst_pad_push_event(in.sink("video_0").get(), gst_video_event_new_upstream_force_key_unit(0, TRUE, 1));
    };
    const int reds = test::key_frames_wanted(Colour::red);
    const int blues = test::key_frames_wanted(Colour::blue);
    {
        PaintPublisher red(Colour::red, "live/a");
        publish_video(red);
        red.send("video_0", 0);
        wish();
        EXPECT_EQ(test::key_frames_wanted(Colour::red), reds + 1);
    }
    PaintPublisher blue(Colour::blue, "live/a");
    publish_video(blue);
    blue.send("video_0", GST_SECOND);
    wish();
    EXPECT_EQ(test::key_frames_wanted(Colour::blue), blues + 1);
    EXPECT_EQ(test::key_frames_wanted(Colour::red), reds + 1);
}

TEST_F(IngestSrc, AuthorizeSeesTheProtocolAndDecides) {
    Playing in("live/a");
    auto only_blue = +[](GstElement*, GstStructure* request, gpointer) -> gboolean {
        return std::string(gst_structure_get_string(request, "protocol")) == "blue";
    };
    g_signal_connect(in.element(), "authorize", G_CALLBACK(only_blue), nullptr);
    in.play();
    PaintPublisher red(Colour::red, "live/a");
    red.offer();
    EXPECT_EQ(red.await_refusal(), "not allowed to publish live/a");
    EXPECT_EQ(red.refusal(), gst::Refusal::unauthorized);
    PaintPublisher blue(Colour::blue, "live/a");
    blue.offer();
    EXPECT_TRUE(blue.await_taken());
}

TEST_F(IngestSrc, TellsOfPublishersThatComeAndGo) {
    Playing in("live/a");
    in.play();
    {
        PaintPublisher red(Colour::red, "live/a");
        publish_video(red);
        red.send("video_0", 0);
    }
    PaintPublisher blue(Colour::blue, "live/a");
    publish_video(blue);
    blue.send("video_0", 0);
    EXPECT_EQ(in.await_told("+red-red+blue"), "+red-red+blue");
}

TEST_F(IngestSrc, ReportsTheLatencyOfItsSourceUnlessItIsToldOne) {
    auto latency_of = [](Playing& in) {
        auto query = gst::adopt(gst_query_new_latency());
        EXPECT_TRUE(gst_element_query(in.element(), query.get()));
        gboolean live = FALSE;
        GstClockTime latency = 0;
        gst_query_parse_latency(query.get(), &live, &latency, nullptr);
        EXPECT_TRUE(live);
        return latency;
    };
    Playing told("live/a", "latency=70000000");
    told.play();
    EXPECT_EQ(latency_of(told), 70 * GST_MSECOND);
    Playing in("live/b");
    in.play();
    PaintPublisher red(Colour::red, "live/b");
    publish_video(red);
    red.send("video_0", 0);
    EXPECT_EQ(latency_of(in), 100 * GST_MSECOND);
}

TEST_F(IngestSrc, MessagesThatNobodyReadsDoNotPileUp) {
    Playing in("live/a");
    in.play();
    for (int i = 0; i < 2000; ++i) PaintPublisher(Colour::red, "live/elsewhere").offer();
    auto provider = gst::adopt(gst_device_provider_factory_get_by_name("testredprovider"));
    auto bus = gst::adopt(gst_device_provider_get_bus(provider.get()));
    int unread = 0;
    while (auto message = gst::adopt(gst_bus_pop(bus.get()))) ++unread;
    EXPECT_GT(unread, 0);
    EXPECT_LE(unread, 1000);
    PaintPublisher blue(Colour::blue, "live/a");
    blue.offer();
    EXPECT_TRUE(blue.await_taken());
}

TEST_F(IngestSrc, WithoutAPathItSaysWhatToSet) {
    Playing in("\"\"");
    EXPECT_EQ(in.play(), GST_STATE_CHANGE_FAILURE);
    auto message = in.message(GST_MESSAGE_ERROR);
    ASSERT_TRUE(message);
    GError* error = nullptr;
    gst_message_parse_error(message.get(), &error, nullptr);
    EXPECT_NE(std::string(error->message).find("path="), std::string::npos) << error->message;
    g_error_free(error);
}

TEST_F(IngestSrc, CanBeStoppedAndStartedAgainWhileSomebodyPublishes) {
    Playing in("live/a");
    for (unsigned i = 1; i <= 3; ++i) {
        in.play();
        PaintPublisher red(Colour::red, "live/a");
        publish_video(red);
        red.send("video_0", 0);
        ASSERT_TRUE(in.await("video_0", frames(i)));
        gst_element_set_state(in.pipeline(), GST_STATE_NULL);
        EXPECT_EQ(in.element()->numsrcpads, 0U);
        EXPECT_EQ(GST_BIN_NUMCHILDREN(in.element()), 0);
    }
}

}  // namespace
