// SPDX-License-Identifier: LGPL-2.1-or-later
// Ends GStreamer when a test program is done: that is when its leaks tracer says what is still there.
#include <gst/gst.h>
#include <gtest/gtest.h>

namespace {

class GstreamerEnd : public testing::Environment {
  public:
    void TearDown() override {
        if (!gst_is_initialized()) return;
        // A leak is a warning.
        if (g_getenv("GST_TRACERS")) g_log_set_always_fatal(static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING));
        gst_deinit();
    }
};

const auto* const kEnd = testing::AddGlobalTestEnvironment(new GstreamerEnd);

}  // namespace
