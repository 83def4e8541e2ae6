// SPDX-License-Identifier: LGPL-2.1-or-later
// A publisher as a GstStructure: what signals and devices say of it.
#pragma once

#include <string>

#include "common/gst/ref.hpp"
#include "rtmp/core/event.hpp"

namespace millrace::rtmp {

inline gst::OwnedStructure to_structure(const PublishRequested& request, const std::string& address) {
    return gst::OwnedStructure(gst_structure_new(
        "publisher", "path", G_TYPE_STRING, request.path.c_str(), "protocol", G_TYPE_STRING, "rtmp", "address",
        G_TYPE_STRING, address.c_str(), "app", G_TYPE_STRING, request.app.c_str(), "stream", G_TYPE_STRING,
        request.stream.c_str(), "query", G_TYPE_STRING, request.query.c_str(), "tc-url", G_TYPE_STRING,
        request.tc_url.c_str(), "software", G_TYPE_STRING, request.flash_version.c_str(), nullptr));
}

}  // namespace millrace::rtmp
