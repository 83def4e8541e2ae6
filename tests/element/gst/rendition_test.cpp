// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/rendition.hpp"

#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <memory>

using namespace millrace::gst;

namespace {

class RenditionTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};

Ref<GstEvent> stream_start() {
    return adopt(gst_event_new_stream_start("a-stream"));
}

TEST_F(RenditionTest, NothingIsKnownOfAStreamThatNobodyDescribed) {
    EXPECT_FALSE(rendition_of(stream_start().get()));
}

TEST_F(RenditionTest, AllThatIsSaidComesThroughAQueue) {
    const Rendition said{
        .name = "720p", .bitrate = 2'500'000, .language = "en", .segmented = false, .realtime = false, .steady = true};
    Owned<GstHarness, gst_harness_teardown> queue(gst_harness_new("queue"));
    auto event = stream_start();
    describe(event.get(), said);
    ASSERT_TRUE(gst_harness_push_event(queue.get(), event.release()));
    auto passed = adopt(gst_harness_pull_event(queue.get()));
    ASSERT_TRUE(passed);
    ASSERT_EQ(GST_EVENT_TYPE(passed.get()), GST_EVENT_STREAM_START);
    const auto heard = rendition_of(passed.get());
    ASSERT_TRUE(heard);
    EXPECT_EQ(*heard, said);
}

TEST_F(RenditionTest, AWishForRealTimeIsTakenForNothingElse) {
    EXPECT_TRUE(is_realtime_wanted(realtime_wanted().get()));
    auto other = adopt(gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, gst_structure_new_empty("other")));
    EXPECT_FALSE(is_realtime_wanted(other.get()));
    EXPECT_FALSE(is_realtime_wanted(stream_start().get()));
}

}  // namespace
