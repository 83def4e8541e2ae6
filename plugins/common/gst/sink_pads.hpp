// SPDX-License-Identifier: LGPL-2.1-or-later
// The request pads of a sink with many tracks.
#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

#include "common/codec/track_format.hpp"
#include "common/gst/ref.hpp"

namespace millrace::gst {

// Of pads made from a template "video_%u" or "audio_%u".
codec::Kind kind_of(const GstPadTemplate* templ);

// What was asked for, or the first name that is free: "video_0".
std::string pad_name(GstElement* element, const GstPadTemplate* templ, const gchar* asked);

std::vector<Ref<GstPad>> sink_pads(GstElement* element);

}  // namespace millrace::gst
