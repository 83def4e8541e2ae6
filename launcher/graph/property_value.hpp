// SPDX-License-Identifier: LGPL-2.1-or-later
// A value of a pipeline file as the property wants it: type, range and unit come from the property's own description.
#pragma once

#include <gst/gst.h>

#include <string>

#include "common/base/result.hpp"
#include "launcher/config/pipeline_file.hpp"

namespace millrace::launcher {

// The value as gst-launch writes it, without quotes: "200000000" for 200ms, "copy,720p@2500k" for a list.
Result<std::string> property_text(const GParamSpec* spec, const Property& property);

// Sets what property_text() made.
void set_property(GstElement* element, const std::string& name, const std::string& text);

}  // namespace millrace::launcher
