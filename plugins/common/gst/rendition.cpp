// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/rendition.hpp"

namespace millrace::gst {

namespace {

constexpr const char* kField = "millrace-rendition";
constexpr const char* kWanted = "millrace-realtime-wanted";

std::string text(const GstStructure* structure, const char* field) {
    const gchar* value = gst_structure_get_string(structure, field);
    return value ? value : "";
}

bool flag(const GstStructure* structure, const char* field, bool otherwise) {
    gboolean value = otherwise;
    gst_structure_get_boolean(structure, field, &value);
    return value;
}

}  // namespace

void describe(GstEvent* stream_start, const Rendition& rendition) {
    OwnedStructure said(gst_structure_new(
        "rendition", "name", G_TYPE_STRING, rendition.name.c_str(), "bitrate", G_TYPE_UINT64, rendition.bitrate,
        "language", G_TYPE_STRING, rendition.language.c_str(), "segmented", G_TYPE_BOOLEAN, rendition.segmented,
        "realtime", G_TYPE_BOOLEAN, rendition.realtime, "steady", G_TYPE_BOOLEAN, rendition.steady, nullptr));
    gst_structure_set(gst_event_writable_structure(stream_start), kField, GST_TYPE_STRUCTURE, said.get(), nullptr);
}

std::optional<Rendition> rendition_of(GstEvent* stream_start) {
    const GstStructure* event = gst_event_get_structure(stream_start);
    GstStructure* structure = nullptr;
    if (!event || !gst_structure_get(event, kField, GST_TYPE_STRUCTURE, &structure, nullptr)) return std::nullopt;
    OwnedStructure said(structure);
    Rendition rendition{.name = text(structure, "name"), .language = text(structure, "language")};
    guint64 bitrate = 0;
    if (gst_structure_get_uint64(structure, "bitrate", &bitrate)) rendition.bitrate = bitrate;
    rendition.segmented = flag(structure, "segmented", rendition.segmented);
    rendition.realtime = flag(structure, "realtime", rendition.realtime);
    rendition.steady = flag(structure, "steady", rendition.steady);
    return rendition;
}

Ref<GstEvent> realtime_wanted() {
    return adopt(gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, gst_structure_new_empty(kWanted)));
}

bool is_realtime_wanted(const GstEvent* event) {
    return GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_UPSTREAM &&
           gst_event_has_name(const_cast<GstEvent*>(event), kWanted);
}

}  // namespace millrace::gst
