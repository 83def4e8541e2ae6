// SPDX-License-Identifier: LGPL-2.1-or-later
// What the GStreamer registry knows, with words for what it does not. Elements come from here and from nowhere else.
#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/gst/ref.hpp"

namespace millrace::launcher {

// A new element, not in any bin. The error suggests the nearest factory.
Result<gst::Ref<GstElement>> make_element(const std::string& factory, const std::string& name = "");

// "no element 'x264en' is installed; did you mean 'x264enc'?", and where GStreamer looks when nothing is near.
std::string no_such_element(const std::string& factory);

// "unknown property 'part-durration' of millhlssink; did you mean 'part-duration'?"
std::string no_such_property(GObjectClass* klass, const std::string& factory, const std::string& property);

// The factory's name of an element: "queue".
std::string factory_name(GstElement* element);

}  // namespace millrace::launcher
