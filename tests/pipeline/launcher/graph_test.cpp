// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts of the graph that no pipeline shows: which pad goes where, and what a full branch lets through.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "launcher/config/read.hpp"
#include "launcher/graph/branch.hpp"
#include "launcher/graph/plan.hpp"
#include "launcher/graph/routes.hpp"

namespace millrace::launcher {
namespace {

Plan plan_of(const std::string& nodes) {
    gst_init(nullptr, nullptr);
    Problems problems;
    auto file =
        read_pipeline_text("streams: {s: {run: always, nodes: {" + nodes + "}}}", "f", process_environment(), problems);
    auto plan = file ? make_plan(file->streams.at(0), "s", problems) : std::nullopt;
    for (const Problem& problem : problems) ADD_FAILURE() << to_text(problem);
    return plan.value_or(Plan{});
}

SourcePad pad(std::size_t node, const char* name, const char* kind, const char* caps) {
    return {node, name, kind, gst::adopt(gst_caps_from_string(caps))};
}

constexpr const char* kToMux =
    "a: {launch: 'videotestsrc ! x264enc ! h264parse audiotestsrc ! avenc_aac ! aacparse'}, "
    "m: {element: flvmux, from: a}, o: {element: fakesink, from: m}";

TEST(AnInput, IsTakenOnceUntilItIsReleased) {
    Plan plan = plan_of(kToMux);
    Routes routes(plan);
    SourcePad video = pad(0, "video_0", "video", "video/x-h264,stream-format=avc");
    auto first = routes.claim(video);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].name, "video");
    EXPECT_TRUE(routes.claim(video).empty()) << "flvmux takes one video";
    routes.release(first[0]);
    EXPECT_EQ(routes.claim(video).size(), 1u);
}

TEST(APad, GoesOnlyWhereItsCapsFit) {
    Plan plan = plan_of(kToMux);
    Routes routes(plan);
    EXPECT_TRUE(routes.claim(pad(0, "video_0", "video", "video/x-h265")).empty()) << "flvmux of 1.22 takes no HEVC";
    EXPECT_EQ(routes.claim(pad(0, "audio_0", "audio", "audio/mpeg,mpegversion=4,stream-format=raw")).at(0).name,
              "audio");
}

TEST(TheFirstPadOfEachTemplate, IsExpectedAndThoseThatAFromNames) {
    Plan plan = plan_of(
        "d: {launch: 'filesrc location=x ! qtdemux'}, a: {element: fakesink, from: d.audio_1}, "
        "v: {element: fakesink, from: d.video}");
    std::vector<std::string> names;
    for (const SourcePad& expected : expected_pads(plan, 0)) names.push_back(expected.name);
    EXPECT_NE(std::find(names.begin(), names.end(), "video_0"), names.end());
    EXPECT_NE(std::find(names.begin(), names.end(), "audio_1"), names.end());
}

TEST(APipeline, IsLiveWhenItsSourceIs) {
    EXPECT_TRUE(plan_of("a: {element: videotestsrc, is-live: true}, b: {element: fakesink, from: a}").live);
    EXPECT_FALSE(plan_of("a: {element: videotestsrc}, b: {element: fakesink, from: a}").live);
    EXPECT_TRUE(plan_of("a: {launch: 'videotestsrc is-live=true ! identity'}, b: {element: fakesink, from: a}").live);
}

GstBuffer* frame(int number, bool key) {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 10, nullptr);
    GST_BUFFER_PTS(buffer) = number * GST_SECOND / 25;
    GST_BUFFER_OFFSET(buffer) = number;
    if (!key) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    return buffer;
}

constexpr int kFrames = 30;
constexpr int kGroup = 8;  // frames from key frame to key frame

// Thirty frames into a branch that holds ten and whose taker has stopped; then what comes out when it goes on.
std::vector<int> frames_after_a_halt(BranchQueue& branch) {
    g_object_set(branch.element(), "max-size-buffers", 10, nullptr);
    GstHarness* harness = gst_harness_new_with_element(branch.element(), "sink", "src");
    gst_harness_set_src_caps_str(harness, "video/x-h264");
    // Held at the pad behind the queue: the queue's own thread waits there with one frame in its hand.
    auto out = branch.src();
    gulong hold = gst_pad_add_probe(
        harness->sinkpad, GST_PAD_PROBE_TYPE_BLOCK,
        [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
    for (int i = 0; i < kFrames; ++i) gst_harness_push(harness, frame(i, i % kGroup == 0));
    gst_pad_remove_probe(harness->sinkpad, hold);
    gst_harness_push_event(harness, gst_event_new_eos());
    std::vector<int> numbers;
    bool ended = false;
    while (!ended) {
        GstEvent* event = gst_harness_pull_event(harness);  // waits a minute at most
        if (!event) break;
        ended = GST_EVENT_TYPE(event) == GST_EVENT_EOS;
        gst_event_unref(event);
    }
    EXPECT_TRUE(ended);
    while (GstBuffer* buffer = gst_harness_try_pull(harness)) {
        numbers.push_back(static_cast<int>(GST_BUFFER_OFFSET(buffer)));
        gst_buffer_unref(buffer);
    }
    gst_harness_teardown(harness);
    return numbers;
}

TEST(AFullLiveBranch, GoesOnAtAKeyFrameAndCountsWhatIsLost) {
    gst_init(nullptr, nullptr);
    auto branch = BranchQueue::make(true);
    ASSERT_TRUE(branch);
    auto out = frames_after_a_halt(*branch);
    ASSERT_FALSE(out.empty());
    EXPECT_EQ(out.back(), kFrames - 1) << "the newest is kept";
    EXPECT_LT(out.size(), static_cast<std::size_t>(kFrames));
    for (std::size_t i = 1; i < out.size(); ++i) {
        bool gap = out[i] != out[i - 1] + 1;
        EXPECT_TRUE(!gap || out[i] % kGroup == 0) << "frame " << out[i] << " refers to one that is lost";
    }
    EXPECT_EQ(branch->dropped(), kFrames - out.size());
}

}  // namespace
}  // namespace millrace::launcher
