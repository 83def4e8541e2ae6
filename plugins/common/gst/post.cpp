// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/post.hpp"

namespace millrace::gst {

namespace {

struct Sort {
    GQuark (*domain)();
    gint code;
};

// What went wrong, in GStreamer's sorting.
Sort sort(Fault fault) {
    switch (fault) {
        case Fault::bad_input:
            return {gst_stream_error_quark, GST_STREAM_ERROR_FORMAT};
        case Fault::peer_gone:
            return {gst_resource_error_quark, GST_RESOURCE_ERROR_READ};
        case Fault::refused:
            return {gst_resource_error_quark, GST_RESOURCE_ERROR_BUSY};
        case Fault::no_resource:
            return {gst_resource_error_quark, GST_RESOURCE_ERROR_OPEN_READ_WRITE};
        case Fault::bug:
            break;
    }
    return {gst_core_error_quark, GST_CORE_ERROR_FAILED};
}

}  // namespace

GstFlowReturn post(GstElement* element, const Error& error) {
    Sort sorted = sort(error.fault);
    gst_element_message_full(element, GST_MESSAGE_ERROR, sorted.domain(), sorted.code, g_strdup(error.what.c_str()),
                             nullptr, __FILE__, "post", __LINE__);
    return GST_FLOW_ERROR;
}

void warn(GstElement* element, const std::string& text) {
    gst_element_message_full(element, GST_MESSAGE_WARNING, gst_stream_error_quark(), GST_STREAM_ERROR_FORMAT,
                             g_strdup(text.c_str()), nullptr, __FILE__, "warn", __LINE__);
}

}  // namespace millrace::gst
