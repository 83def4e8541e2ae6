// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/media_kind.hpp"

namespace millrace::launcher {

namespace {

struct KindOfType {
    const char* prefix;  // of the media type
    const char* kind;
};
constexpr KindOfType kKinds[] = {
    {"video/", "video"}, {"image/", "video"}, {"audio/", "audio"}, {"text/", "text"}, {"subpicture/", "text"},
};

struct KindOfPad {
    const char* prefix;  // of the pad's name
    const char* kind;
};
constexpr KindOfPad kPadKinds[] = {
    {"video", "video"}, {"audio", "audio"}, {"text", "text"}, {"subtitle", "text"}, {"subpicture", "text"},
};

std::string kind_of(const GstStructure* structure) {
    const char* type = gst_structure_get_name(structure);
    for (const KindOfType& row : kKinds) {
        if (g_str_has_prefix(type, row.prefix)) return row.kind;
    }
    const char* media = gst_structure_get_string(structure, "media");  // application/x-rtp says it in a field
    return media && is_media_kind(media) ? media : "";
}

}  // namespace

bool is_media_kind(const std::string& word) {
    return word == "video" || word == "audio" || word == "text";
}

std::string media_kind_of_name(const std::string& pad) {
    for (const KindOfPad& row : kPadKinds) {
        if (g_str_has_prefix(pad.c_str(), row.prefix)) return row.kind;
    }
    return "";
}

std::string media_kind(const GstCaps* caps) {
    if (!caps || gst_caps_is_any(caps) || gst_caps_is_empty(caps)) return "";
    std::string kind = kind_of(gst_caps_get_structure(caps, 0));
    for (guint i = 1; i < gst_caps_get_size(caps); ++i) {
        if (kind_of(gst_caps_get_structure(caps, i)) != kind) return "";
    }
    return kind;
}

}  // namespace millrace::launcher
