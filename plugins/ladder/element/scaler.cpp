// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/element/scaler.hpp"

#include <utility>

namespace millrace::ladder {

Result<std::unique_ptr<Scaler>> Scaler::make(std::uint32_t width, std::uint32_t height, const std::string& format,
                                             std::function<void(GstEvent*)> event) {
    auto caps = gst::adopt(gst_caps_new_simple(
        "video/x-raw", "format", G_TYPE_STRING, format.c_str(), "width", G_TYPE_INT, static_cast<gint>(width), "height",
        G_TYPE_INT, static_cast<gint>(height), "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, nullptr));
    auto element = gst::make_element("videoconvertscale");
    if (!element)
        return fail(Fault::no_resource,
                    "there is no videoconvertscale; install gstreamer1.0-plugins-base 1.22 or later");
    // The shape was worked out already: bars would only be rounding.
    gst_util_set_object_arg(G_OBJECT(element.get()), "add-borders", "false");
    gst_util_set_object_arg(G_OBJECT(element.get()), "method", "bilinear");
    std::unique_ptr<Scaler> scaler(new Scaler);
    auto chain = gst::Chain::make({element, gst::make_caps_filter(caps.get())},
                                  {.event =
                                       [event = std::move(event)](GstEvent* out) {
                                           event(out);
                                           return true;
                                       },
                                   .buffer =
                                       [raw = scaler.get()](gst::Ref<GstBuffer> picture) {
                                           raw->scaled_ = std::move(picture);
                                           return GST_FLOW_OK;
                                       }});
    if (!chain) return tl::unexpected(std::move(chain).error());
    scaler->chain_ = std::move(*chain);
    return scaler;
}

gst::Ref<GstBuffer> Scaler::scale(const gst::Ref<GstBuffer>& picture) {
    if (chain_->push(picture) != GST_FLOW_OK) return {};
    return std::exchange(scaled_, nullptr);
}

}  // namespace millrace::ladder
