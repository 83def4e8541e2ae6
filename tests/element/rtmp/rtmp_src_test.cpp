// SPDX-License-Identifier: LGPL-2.1-or-later
// millrtmpsrc and its device provider, with GStreamer's own rtmp2sink as the publisher.
#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>

#include "common/gst/ref.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/test_pipeline.hpp"

extern "C" {
GST_PLUGIN_STATIC_DECLARE(millrtmp);
}

using namespace millrace;
using millrace::test::kPatience;
using millrace::test::Pipeline;
using millrace::test::Socket;

namespace {

// rtmp2sink forgets what it had not sent yet when it is refused.
#define SKIP_UNDER_LEAKS_TRACER() \
    if (g_getenv("GST_TRACERS")) GTEST_SKIP() << "the publisher leaks when it is refused"

class RtmpSrc : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        gst_init(nullptr, nullptr);
        GST_PLUGIN_STATIC_REGISTER(millrtmp);
    }

    [[nodiscard]] std::string listen() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string url(const std::string& path) const { return "rtmp://" + listen() + "/" + path; }

    // Live test media; `frames` < 0 goes on until stopped.
    [[nodiscard]] std::string publisher(const std::string& path, int frames = -1, bool audio = true) const {
        std::string text = "flvmux name=mux streamable=true ! rtmp2sink location=" + url(path) +
                           " videotestsrc is-live=true num-buffers=" + std::to_string(frames) +
                           " ! video/x-raw,width=160,height=90,framerate=30/1 ! x264enc tune=zerolatency "
                           "key-int-max=15 ! h264parse ! mux.";
        if (audio)
            text += " audiotestsrc is-live=true num-buffers=" + std::to_string(frames < 0 ? -1 : frames * 2) +
                    " ! avenc_aac ! aacparse ! mux.";
        return text;
    }

    [[nodiscard]] std::string source(const std::string& path, const std::string& more = "") const {
        return "millrtmpsrc name=in path=" + path + " listen=" + listen() + " " + more +
               " in.video_0 ! queue ! fakesink name=video signal-handoffs=true sync=false async=false"
               " in.audio_0 ! queue ! fakesink name=audio signal-handoffs=true sync=false async=false";
    }

    std::uint16_t port_ = Socket::free_port();
};

// Fulfilled by the nth buffer at a fakesink.
class NthBuffer {
  public:
    NthBuffer(const gst::Ref<GstElement>& sink, int n) : left_(n) {
        g_signal_connect(sink.get(), "handoff", G_CALLBACK(&NthBuffer::on_handoff), this);
    }
    bool await() { return future_.wait_for(std::chrono::nanoseconds(kPatience)) == std::future_status::ready; }

  private:
    static void on_handoff(GstElement*, GstBuffer*, GstPad*, NthBuffer* self) {
        if (--self->left_ == 0) self->promise_.set_value();
    }
    std::atomic<int> left_;
    std::promise<void> promise_;
    std::future<void> future_ = promise_.get_future();
};

TEST_F(RtmpSrc, APublishersTracksComeOutParsedWithCompleteCaps) {
    Pipeline in(source("live/cam1"));
    NthBuffer video(in.find("video"), 10);
    NthBuffer audio(in.find("audio"), 10);
    ASSERT_NE(in.play(), GST_STATE_CHANGE_FAILURE);
    Pipeline out(publisher("live/cam1"));
    out.play();
    ASSERT_TRUE(video.await());
    ASSERT_TRUE(audio.await());
    auto pad = gst::adopt(gst_element_get_static_pad(in.find("in").get(), "video_0"));
    auto caps = gst::adopt(gst_pad_get_current_caps(pad.get()));
    gst::OwnedText text(gst_caps_to_string(caps.get()));
    for (const char* part : {"video/x-h264", "stream-format=(string)avc", "codec_data", "width=(int)160",
                             "height=(int)90", "framerate=(fraction)30/1"}) {
        EXPECT_NE(std::string(text.get()).find(part), std::string::npos) << part << " in " << text.get();
    }
}

TEST_F(RtmpSrc, AStreamWithoutSoundHasOnlyAVideoPad) {
    Pipeline in(source("live/silent"));
    NthBuffer video(in.find("video"), 10);
    in.play();
    Pipeline out(publisher("live/silent", -1, false));
    out.play();
    ASSERT_TRUE(video.await());
    EXPECT_FALSE(gst::adopt(gst_element_get_static_pad(in.find("in").get(), "audio_0")));
}

TEST_F(RtmpSrc, EosComesOnlyWhenAPublisherDoesNotReturnInTime) {
    Pipeline in(source("live/cam1", "reconnect-timeout=200000000"));
    in.play();
    Pipeline out(publisher("live/cam1", 30));
    out.play();
    auto eos = in.await(GST_MESSAGE_EOS);
    ASSERT_TRUE(eos);
    EXPECT_EQ(GST_MESSAGE_TYPE(eos.get()), GST_MESSAGE_EOS);
}

TEST_F(RtmpSrc, AnApplicationEndsItByEosAndThePathIsFreeAgain) {
    Pipeline in(source("live/cam1"));
    NthBuffer video(in.find("video"), 10);
    in.play();
    auto element = in.find("in");
    EXPECT_FALSE(gst_element_send_event(element.get(), gst_event_new_eos())) << "there are no pads to say it on";
    Pipeline out(publisher("live/cam1"));
    out.play();
    ASSERT_TRUE(video.await());
    EXPECT_TRUE(gst_element_send_event(element.get(), gst_event_new_eos()));
    auto eos = in.await(GST_MESSAGE_EOS);
    ASSERT_TRUE(eos);
    EXPECT_EQ(GST_MESSAGE_TYPE(eos.get()), GST_MESSAGE_EOS);
    Pipeline successor(source("live/cam1"));
    EXPECT_NE(successor.play(), GST_STATE_CHANGE_FAILURE);
}

TEST_F(RtmpSrc, APublisherThatReturnsContinuesOnTheSamePads) {
    Pipeline in(source("live/cam1", "reconnect-timeout=30000000000"));
    NthBuffer both(in.find("video"), 60);
    in.play();
    {
        Pipeline first(publisher("live/cam1", 30));
        first.play();
        first.await(GST_MESSAGE_EOS);
    }
    Pipeline second(publisher("live/cam1", 40));
    second.play();
    EXPECT_TRUE(both.await());
}

TEST_F(RtmpSrc, ASecondPublisherOfAPathIsRefusedAndTheFirstGoesOn) {
    SKIP_UNDER_LEAKS_TRACER();
    Pipeline in(source("live/cam1"));
    NthBuffer running(in.find("video"), 5);
    in.play();
    Pipeline first(publisher("live/cam1"));
    first.play();
    ASSERT_TRUE(running.await());
    Pipeline second(publisher("live/cam1"));
    second.play();
    EXPECT_TRUE(second.await(GST_MESSAGE_ERROR));
    NthBuffer still(in.find("video"), 30);
    EXPECT_TRUE(still.await());
}

TEST_F(RtmpSrc, APublisherOfAPathNobodyTakesIsRefused) {
    SKIP_UNDER_LEAKS_TRACER();
    Pipeline in(source("live/cam1"));
    in.play();
    Pipeline lost(publisher("live/elsewhere"));
    lost.play();
    auto message = lost.await(GST_MESSAGE_ERROR);
    ASSERT_TRUE(message);
    EXPECT_EQ(GST_MESSAGE_TYPE(message.get()), GST_MESSAGE_ERROR);
}

TEST_F(RtmpSrc, AuthorizeSeesTheQueryAndDecides) {
    SKIP_UNDER_LEAKS_TRACER();
    Pipeline in(source("live/cam1"));
    auto element = in.find("in");
    std::promise<std::string> asked;
    auto refuse = +[](GstElement*, GstStructure* request, std::promise<std::string>* promise) -> gboolean {
        promise->set_value(gst_structure_get_string(request, "query"));
        return FALSE;
    };
    g_signal_connect(element.get(), "authorize", G_CALLBACK(refuse), &asked);
    in.play();
    Pipeline out(publisher("live/cam1?token=secret"));
    out.play();
    EXPECT_TRUE(out.await(GST_MESSAGE_ERROR));
    EXPECT_EQ(asked.get_future().get(), "token=secret");
}

TEST_F(RtmpSrc, TwoSourcesOfOnePathAreAnErrorThatNamesIt) {
    Pipeline first(source("live/cam1"));
    first.play();
    Pipeline second(source("live/cam1"));
    EXPECT_EQ(second.play(), GST_STATE_CHANGE_FAILURE);
    auto error = second.await(GST_MESSAGE_ERROR);
    ASSERT_TRUE(error);
    EXPECT_NE(Pipeline::error_text(error.get()).find("live/cam1"), std::string::npos);
}

TEST_F(RtmpSrc, WithoutAPathItSaysWhatToSet) {
    Pipeline in("millrtmpsrc listen=" + listen());
    EXPECT_EQ(in.play(), GST_STATE_CHANGE_FAILURE);
    auto error = in.await(GST_MESSAGE_ERROR);
    ASSERT_TRUE(error);
    EXPECT_NE(Pipeline::error_text(error.get()).find("path="), std::string::npos);
}

TEST_F(RtmpSrc, ItIsLiveAndReportsItsLatency) {
    Pipeline in(source("live/cam1", "latency=70000000"));
    in.play();
    auto query = gst::adopt(gst_query_new_latency());
    ASSERT_TRUE(gst_element_query(in.find("in").get(), query.get()));
    gboolean live = FALSE;
    GstClockTime latency = 0;
    gst_query_parse_latency(query.get(), &live, &latency, nullptr);
    EXPECT_TRUE(live);
    EXPECT_EQ(latency, 70 * GST_MSECOND);
}

TEST_F(RtmpSrc, AWaitingPublisherIsADeviceThatMakesItsSource) {
    g_setenv("MILLRACE_LISTEN_RTMP", listen().c_str(), TRUE);
    auto monitor = gst::adopt(gst_device_monitor_new());
    gst_device_monitor_add_filter(monitor.get(), "Source/Network/Publisher", nullptr);
    ASSERT_TRUE(gst_device_monitor_start(monitor.get()));
    auto bus = gst::adopt(gst_device_monitor_get_bus(monitor.get()));

    Pipeline out(publisher("live/found"));
    out.play();
    auto added = gst::adopt(gst_bus_timed_pop_filtered(bus.get(), kPatience, GST_MESSAGE_DEVICE_ADDED));
    ASSERT_TRUE(added);
    GstDevice* found = nullptr;
    gst_message_parse_device_added(added.get(), &found);
    auto device = gst::adopt(found);
    gst::OwnedStructure properties(gst_device_get_properties(device.get()));
    EXPECT_STREQ(gst_structure_get_string(properties.get(), "path"), "live/found");
    EXPECT_STREQ(gst_structure_get_string(properties.get(), "protocol"), "rtmp");

    Pipeline in("fakesink name=video signal-handoffs=true sync=false async=false");
    auto element = gst::share(gst_device_create_element(device.get(), "in"));
    auto pipeline = gst::adopt(GST_BIN(gst_object_get_parent(GST_OBJECT(in.find("video").get()))));
    gst_bin_add(pipeline.get(), element.get());
    gst_element_link(element.get(), in.find("video").get());
    auto link = +[](GstElement* source, GstPad*, GstElement* sink) { gst_element_link(source, sink); };
    g_signal_connect(element.get(), "pad-added", G_CALLBACK(link), in.find("video").get());
    NthBuffer frames(in.find("video"), 5);
    in.play();
    EXPECT_TRUE(frames.await());
    auto removed = gst::adopt(gst_bus_timed_pop_filtered(bus.get(), kPatience, GST_MESSAGE_DEVICE_REMOVED));
    EXPECT_TRUE(removed);
    in.stop();
    out.stop();
    gst_device_monitor_stop(monitor.get());
    g_unsetenv("MILLRACE_LISTEN_RTMP");
}

}  // namespace
