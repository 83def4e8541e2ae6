// SPDX-License-Identifier: LGPL-2.1-or-later
// millcmafmux: frames pushed by a harness, header and chunks pulled from it.
#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <string>

#include "common/gst/read_map.hpp"
#include "common/gst/ref.hpp"
#include "tests/support/test_video.hpp"

extern "C" {
GST_PLUGIN_STATIC_DECLARE(millhls);
}

using namespace millrace;

namespace {

class CmafMux : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        gst_init(nullptr, nullptr);
        GST_PLUGIN_STATIC_REGISTER(millhls);
    }
    void SetUp() override {
        harness_ = gst_harness_new("millcmafmux");
        ASSERT_NE(harness_, nullptr);
        gst_harness_set_src_caps(harness_, gst_caps_from_string(test::kVideoCaps));
    }
    void TearDown() override { gst_harness_teardown(harness_); }

    void push_frames(int from, int to) {
        for (int i = from; i < to; ++i) ASSERT_EQ(gst_harness_push(harness_, test::video_frame(i)), GST_FLOW_OK);
    }
    gst::Ref<GstBuffer> pull() { return gst::adopt(gst_harness_try_pull(harness_)); }

    static std::string bytes(const gst::Ref<GstBuffer>& buffer) {
        auto map = gst::ReadMap::of(buffer.get());
        return std::string(as_text(map->bytes()));
    }
    static std::string first_box(const gst::Ref<GstBuffer>& buffer) { return bytes(buffer).substr(4, 4); }

    GstHarness* harness_ = nullptr;
};

TEST_F(CmafMux, TheHeaderComesFirstAndIsInTheCaps) {
    push_frames(0, 1);
    auto header = pull();
    ASSERT_TRUE(header);
    EXPECT_EQ(first_box(header), "ftyp");
    EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(header.get(), GST_BUFFER_FLAG_HEADER));
    auto caps = gst::adopt(gst_pad_get_current_caps(harness_->sinkpad));
    EXPECT_TRUE(gst_structure_has_field(gst_caps_get_structure(caps.get(), 0), "streamheader"));
}

TEST_F(CmafMux, AChunkComesOutWithItsLastFrame) {
    push_frames(0, 5);
    pull();
    EXPECT_FALSE(pull());
    push_frames(5, 6);
    auto chunk = pull();
    ASSERT_TRUE(chunk);
    EXPECT_EQ(first_box(chunk), "styp");
    EXPECT_EQ(GST_BUFFER_DURATION(chunk.get()), 200 * GST_MSECOND);
    EXPECT_FALSE(GST_BUFFER_FLAG_IS_SET(chunk.get(), GST_BUFFER_FLAG_DELTA_UNIT));
}

TEST_F(CmafMux, OnlyChunksAtFragmentStartsAreNotDeltaUnits) {
    push_frames(0, 121);
    gst_harness_push_event(harness_, gst_event_new_eos());
    pull();
    int chunks = 0;
    int fragments = 0;
    GstClockTime end = 0;
    while (auto chunk = pull()) {
        EXPECT_EQ(GST_BUFFER_PTS(chunk.get()), end) << "chunk " << chunks;
        end = GST_BUFFER_PTS(chunk.get()) + GST_BUFFER_DURATION(chunk.get());
        const bool starts = !GST_BUFFER_FLAG_IS_SET(chunk.get(), GST_BUFFER_FLAG_DELTA_UNIT);
        EXPECT_EQ(first_box(chunk), starts ? "styp" : "moof");
        fragments += starts;
        ++chunks;
    }
    EXPECT_EQ(chunks, 21);
    EXPECT_EQ(fragments, 3);  // at 0, 2 and 4 s
}

TEST_F(CmafMux, EosBringsTheChunkThatIsNotFull) {
    push_frames(0, 2);
    pull();
    EXPECT_FALSE(pull());
    gst_harness_push_event(harness_, gst_event_new_eos());
    EXPECT_TRUE(pull());
}

TEST_F(CmafMux, FramesBeforeTheFirstKeyFrameAreLeftOut) {
    push_frames(25, 36);
    gst_harness_push_event(harness_, gst_event_new_eos());
    pull();
    auto chunk = pull();
    ASSERT_TRUE(chunk);
    EXPECT_EQ(GST_BUFFER_PTS(chunk.get()), GST_SECOND);
}

TEST_F(CmafMux, CapsWithoutAConfigurationAreRefusedWithTheParserToUse) {
    auto bus = gst::adopt(gst_bus_new());
    auto mux = gst::share(gst_element_factory_make("millcmafmux", nullptr));
    gst_element_set_bus(mux.get(), bus.get());
    gst_element_set_state(mux.get(), GST_STATE_PLAYING);
    auto pad = gst::adopt(gst_element_get_static_pad(mux.get(), "sink"));
    gst_pad_send_event(pad.get(), gst_event_new_stream_start("x"));
    auto caps = gst::adopt(gst_caps_from_string("video/x-h264, stream-format=(string)avc, alignment=(string)au"));
    EXPECT_FALSE(gst_pad_send_event(pad.get(), gst_event_new_caps(caps.get())));
    auto message = gst::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    ASSERT_TRUE(message);
    GError* error = nullptr;
    gst_message_parse_error(message.get(), &error, nullptr);
    EXPECT_NE(std::string(error->message).find("h264parse"), std::string::npos);
    g_error_free(error);
    gst_element_set_state(mux.get(), GST_STATE_NULL);
    gst_element_set_bus(mux.get(), nullptr);
}

}  // namespace
