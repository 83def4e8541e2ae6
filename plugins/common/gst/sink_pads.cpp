// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/sink_pads.hpp"

namespace millrace::gst {

codec::Kind kind_of(const GstPadTemplate* templ) {
    return g_str_has_prefix(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), "video") ? codec::Kind::video : codec::Kind::audio;
}

std::string pad_name(GstElement* element, const GstPadTemplate* templ, const gchar* asked) {
    if (asked) return asked;
    const std::string prefix = kind_of(templ) == codec::Kind::video ? "video_" : "audio_";
    for (unsigned number = 0;; ++number) {
        std::string name = prefix + std::to_string(number);
        if (!adopt(gst_element_get_static_pad(element, name.c_str()))) return name;
    }
}

std::vector<Ref<GstPad>> sink_pads(GstElement* element) {
    std::vector<Ref<GstPad>> pads;
    GST_OBJECT_LOCK(element);
    for (GList* each = element->sinkpads; each; each = each->next) pads.push_back(share(GST_PAD(each->data)));
    GST_OBJECT_UNLOCK(element);
    return pads;
}

}  // namespace millrace::gst
