// SPDX-License-Identifier: LGPL-2.1-or-later
// What can come out of and go into a node: read from an element, or from all elements of a fragment.
#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

#include "launcher/graph/plan.hpp"

namespace millrace::launcher {

// The pads an element has and the templates of those it may get. `name` is its name in the pipeline.
void add_element_ports(GstElement* element, const std::string& name, PlannedNode& out);

// What a fragment leaves unlinked, named by kind: video_0, audio_0, src_0. Returns the names of its elements.
std::vector<std::string> add_fragment_ports(GstBin* bin, PlannedNode& out);

}  // namespace millrace::launcher
