// SPDX-License-Identifier: LGPL-2.1-or-later
// A plan as a gst-launch-1.0 line for a shell.
#pragma once

#include <string>
#include <vector>

#include "launcher/graph/plan.hpp"

namespace millrace::launcher {

// The arguments of gst-launch-1.0, which gst_parse_launchv() reads too.
std::vector<std::string> launch_arguments(const Plan& plan);

// "gst-launch-1.0 …", each argument quoted where a shell needs it.
std::string launch_line(const Plan& plan);

}  // namespace millrace::launcher
