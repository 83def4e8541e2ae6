// SPDX-License-Identifier: LGPL-2.1-or-later
// What the ladder's tracks need of their element: where pads are, and who is told of trouble.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <string>

#include "common/base/result.hpp"

namespace millrace::ladder {

struct Outlet {
    GstElement* element = nullptr;
    // Any thread, and once for each text.
    std::function<void(const std::string&)> warn;
    std::function<void(const Error&)> fail;
};

}  // namespace millrace::ladder
