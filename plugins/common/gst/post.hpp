// SPDX-License-Identifier: LGPL-2.1-or-later
// The one place where a core's Error becomes a message on the bus.
#pragma once

#include <gst/gst.h>

#include "common/base/result.hpp"

namespace millrace::gst {

// Posts an element error sorted by its Fault and returns GST_FLOW_ERROR, for `return post(…)`.
GstFlowReturn post(GstElement* element, const Error& error);

// The element carried on; the user should know.
void warn(GstElement* element, const std::string& text);

}  // namespace millrace::gst
