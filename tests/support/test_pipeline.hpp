// SPDX-License-Identifier: LGPL-2.1-or-later
// A pipeline of a test: written as for gst-launch-1.0, and stopped whatever happens.
#pragma once

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <string>

#include "common/gst/ref.hpp"

namespace millrace::test {

constexpr GstClockTime kPatience = 20 * GST_SECOND;

class Pipeline {
  public:
    explicit Pipeline(const std::string& text) : pipeline_(gst::share(gst_pipeline_new(nullptr))) {
        // In a bin: the text may be a single element, which gst_parse_launch() would return bare.
        gst_bin_add(GST_BIN(pipeline_.get()), gst_parse_bin_from_description(text.c_str(), FALSE, nullptr));
    }
    ~Pipeline() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    GstStateChangeReturn play() { return gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }
    void stop() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

    [[nodiscard]] gst::Ref<GstElement> find(const char* name) const {
        return gst::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
    }

    // The next message of `types`; an error's text is printed when it was not awaited.
    gst::Ref<GstMessage> await(int types, GstClockTime patience = kPatience) {
        auto bus = gst::adopt(gst_element_get_bus(pipeline_.get()));
        auto message = gst::adopt(
            gst_bus_timed_pop_filtered(bus.get(), patience, static_cast<GstMessageType>(types | GST_MESSAGE_ERROR)));
        if (message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR && !(types & GST_MESSAGE_ERROR)) {
            ADD_FAILURE() << error_text(message.get());
        }
        return message;
    }

    static std::string error_text(GstMessage* message) {
        GError* error = nullptr;
        gst_message_parse_error(message, &error, nullptr);
        std::string text = error->message;
        g_error_free(error);
        return text;
    }

  private:
    gst::Ref<GstElement> pipeline_;
};

}  // namespace millrace::test
