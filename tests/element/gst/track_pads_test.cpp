// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/track_pads.hpp"

#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "common/gst/element.hpp"

using namespace millrace;
using namespace millrace::gst;
using codec::Kind;

namespace {

constexpr const char* kSmall = "video/x-h264,width=160";
constexpr const char* kLarge = "video/x-h264,width=320";

struct Nothing {
    explicit Nothing(GstElement*) {}
};
MILL_DEFINE_ELEMENT(TestPadsSrc, test_pads_src, Nothing)

void test_pads_src_class_init(TestPadsSrcClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = test_pads_src_finalize;
    auto any = adopt(gst_caps_new_any());
    for (const char* name : {"video_%u", "audio_%u"}) {
        gst_element_class_add_pad_template(GST_ELEMENT_CLASS(klass),
                                           gst_pad_template_new(name, GST_PAD_SRC, GST_PAD_SOMETIMES, any.get()));
    }
}

// What is linked to a pad: counts frames and discontinuities, keeps events.
struct Sink {
    explicit Sink(GstElement* element, const char* name) {
        auto any = adopt(gst_caps_new_any());
        auto templ = share(gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, any.get()));
        pad = share(gst_pad_new_from_template(templ.get(), "sink"));
        gst_pad_set_element_private(pad.get(), this);
        gst_pad_set_chain_function(pad.get(), [](GstPad* pad, GstObject*, GstBuffer* raw) {
            auto buffer = adopt(raw);
            auto& self = *static_cast<Sink*>(gst_pad_get_element_private(pad));
            ++self.frames;
            if (GST_BUFFER_FLAG_IS_SET(raw, GST_BUFFER_FLAG_DISCONT)) ++self.discontinuities;
            if (GST_BUFFER_FLAG_IS_SET(raw, GST_BUFFER_FLAG_LIVE)) ++self.live;
            return GST_FLOW_OK;
        });
        gst_pad_set_event_function(pad.get(), [](GstPad* pad, GstObject*, GstEvent* raw) -> gboolean {
            auto event = adopt(raw);
            auto& self = *static_cast<Sink*>(gst_pad_get_element_private(pad));
            self.events.emplace_back(GST_EVENT_TYPE_NAME(raw));
            if (GST_EVENT_TYPE(raw) == GST_EVENT_STREAM_START) self.rendition = rendition_of(raw);
            return TRUE;
        });
        gst_pad_set_active(pad.get(), TRUE);
        auto source = adopt(gst_element_get_static_pad(element, name));
        gst_pad_link(source.get(), pad.get());
    }
    ~Sink() { gst_pad_set_active(pad.get(), FALSE); }

    Ref<GstPad> pad;
    std::atomic<int> frames = 0;
    std::atomic<int> discontinuities = 0;
    std::atomic<int> live = 0;
    std::vector<std::string> events;
    std::optional<Rendition> rendition;
};

class Pads : public testing::Test {
  protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
    ~Pads() override { gst_element_set_state(element.get(), GST_STATE_NULL); }

    static Ref<GstCaps> caps(const char* text) { return adopt(gst_caps_from_string(text)); }
    static Ref<GstBuffer> frame() { return adopt(gst_buffer_new()); }

    Ref<GstElement> element = share(GST_ELEMENT(g_object_new(test_pads_src_get_type(), nullptr)));
};

TEST_F(Pads, AFrameOfATrackWithoutAPadIsLeftOut) {
    TrackPads pads(element.get());
    EXPECT_FALSE(pads.any());
    EXPECT_EQ(pads.push(Kind::video, 0, frame()), GST_FLOW_OK);
}

TEST_F(Pads, APadSaysWhatItsTrackIsBeforeItsFirstFrame) {
    TrackPads pads(element.get());
    pads.set_caps(Kind::video, 3, caps(kSmall), Rendition{.name = "720p", .bitrate = 5});
    Sink sink(element.get(), "video_3");
    EXPECT_EQ(pads.push(Kind::video, 3, frame()), GST_FLOW_OK);
    EXPECT_EQ(sink.events, (std::vector<std::string>{"stream-start", "caps", "segment"}));
    EXPECT_EQ(sink.rendition, (Rendition{.name = "720p", .bitrate = 5}));
    EXPECT_EQ(sink.live, 1);
    pads.remove();
}

TEST_F(Pads, CapsAreSaidAgainOnlyWhenTheyChange) {
    TrackPads pads(element.get());
    pads.set_caps(Kind::video, 0, caps(kSmall));
    Sink sink(element.get(), "video_0");
    pads.push(Kind::video, 0, frame());
    pads.set_caps(Kind::video, 0, caps(kSmall));
    EXPECT_EQ(sink.events.size(), 3U);
    pads.set_caps(Kind::video, 0, caps(kLarge));
    EXPECT_EQ(sink.events.back(), "caps");
    EXPECT_EQ(sink.events.size(), 4U);
    pads.remove();
}

TEST_F(Pads, AnInterruptionIsADiscontinuityOfEachTracksNextFrame) {
    TrackPads pads(element.get());
    pads.set_caps(Kind::video, 0, caps(kSmall));
    pads.set_caps(Kind::audio, 0, caps("audio/x-opus"));
    Sink video(element.get(), "video_0");
    Sink audio(element.get(), "audio_0");
    auto push_twice = [&] {
        for (int i = 0; i < 2; ++i) pads.push(Kind::video, 0, frame());
        pads.push(Kind::audio, 0, frame());
    };
    push_twice();
    EXPECT_EQ(video.discontinuities, 1);
    pads.interrupted();
    push_twice();
    EXPECT_EQ(video.discontinuities, 2);
    EXPECT_EQ(audio.discontinuities, 2);
    pads.remove();
}

TEST_F(Pads, NotLinkedIsSaidOnlyWhenNobodyListensAnywhere) {
    TrackPads pads(element.get());
    pads.set_caps(Kind::video, 0, caps(kSmall));
    pads.set_caps(Kind::audio, 0, caps("audio/x-opus"));
    EXPECT_EQ(pads.push(Kind::video, 0, frame()), GST_FLOW_OK);
    EXPECT_EQ(pads.push(Kind::audio, 0, frame()), GST_FLOW_NOT_LINKED);
    Sink video(element.get(), "video_0");
    EXPECT_EQ(pads.push(Kind::video, 0, frame()), GST_FLOW_OK);
    EXPECT_EQ(pads.push(Kind::audio, 0, frame()), GST_FLOW_OK);
    pads.remove();
}

TEST_F(Pads, AWishForAKeyFrameNamesItsTrackAndOthersAreLeftToGStreamer) {
    std::string wished;
    TrackPads pads(element.get(), TrackPads::key_frames_wanted([&](Kind kind, unsigned number) {
                       wished += (kind == Kind::video ? "video " : "audio ") + std::to_string(number);
                   }));
    pads.set_caps(Kind::video, 2, caps(kSmall));
    Sink sink(element.get(), "video_2");
    EXPECT_TRUE(gst_pad_push_event(sink.pad.get(), gst_video_event_new_upstream_force_key_unit(0, TRUE, 1)));
    EXPECT_EQ(wished, "video 2");
    gst_pad_push_event(sink.pad.get(), gst_event_new_reconfigure());
    EXPECT_EQ(wished, "video 2");
    pads.remove();
}

TEST_F(Pads, NobodyIsAskedOnceThePadsAreRemoved) {
    int asked = 0;
    TrackPads pads(element.get(), [&](Kind, unsigned, GstEvent*) { return ++asked > 0; });
    pads.set_caps(Kind::video, 0, caps(kSmall));
    auto pad = adopt(gst_element_get_static_pad(element.get(), "video_0"));
    pads.remove();
    gst_pad_set_active(pad.get(), TRUE);
    gst_pad_send_event(pad.get(), gst_event_new_reconfigure());
    EXPECT_EQ(asked, 0);
}

TEST_F(Pads, TracksMayBePushedByAThreadEach) {
    TrackPads pads(element.get());
    constexpr int kFrames = 2000;
    auto run = [&](Kind kind, const char* caps_text) {
        for (int i = 0; i < kFrames; ++i) {
            if (i % 100 == 0) pads.set_caps(kind, 1, caps(caps_text));
            pads.push(kind, 1, frame());
        }
    };
    pads.set_caps(Kind::video, 0, caps(kSmall));
    pads.set_caps(Kind::audio, 0, caps("audio/x-opus"));
    Sink video(element.get(), "video_0");
    Sink audio(element.get(), "audio_0");
    std::thread other([&] { run(Kind::audio, "audio/x-opus"); });
    std::thread third([&] {
        for (int i = 0; i < kFrames; ++i) pads.push(Kind::audio, 0, frame());
    });
    for (int i = 0; i < 20; ++i) pads.interrupted();
    run(Kind::video, kSmall);
    other.join();
    third.join();
    EXPECT_EQ(audio.frames, kFrames);
    EXPECT_GE(audio.discontinuities, 1);
    pads.remove();
}

}  // namespace
