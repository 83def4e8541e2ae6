// SPDX-License-Identifier: LGPL-2.1-or-later
// A publisher as a GstStructure: what signals and devices say of it.
#pragma once

#include "common/gst/ref.hpp"
#include "rtmp/element/media_queue.hpp"

namespace millrace::rtmp {

inline gst::OwnedStructure to_structure(const PublisherInfo& publisher) {
    const PublishRequested& request = publisher.request;
    auto text = [](const std::string& value) { return value.c_str(); };
    return gst::OwnedStructure(gst_structure_new(
        "publisher", "path", G_TYPE_STRING, text(request.path), "protocol", G_TYPE_STRING, "rtmp", "address",
        G_TYPE_STRING, text(publisher.address), "app", G_TYPE_STRING, text(request.app), "stream", G_TYPE_STRING,
        text(request.stream), "query", G_TYPE_STRING, text(request.query), "tc-url", G_TYPE_STRING,
        text(request.tc_url), "software", G_TYPE_STRING, text(request.flash_version), nullptr));
}

}  // namespace millrace::rtmp
