// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/whip/depayloading.hpp"

#include <array>
#include <string>

#include "common/gst/chain.hpp"
#include "webrtc/core/sdp/format_parameters.hpp"

namespace millrace::webrtc {

namespace {

struct Row {
    Codec codec;
    const char* encoding_name;
    // In the order of the packets' way: elements, and caps between them.
    std::array<const char*, 4> way;
};

// H.264 leaves the depayloader in packets: senders repeat the parameter sets before each slice of a key frame, and in a
// byte-stream the parser would take each for the beginning of another picture.
constexpr std::array kRows{
    Row{Codec::h264,
        "H264",
        {"rtph264depay", "video/x-h264, stream-format=avc, alignment=au", "h264parse",
         "video/x-h264, stream-format=avc, alignment=au"}},
    Row{Codec::h265,
        "H265",
        {"rtph265depay", "video/x-h265, stream-format=byte-stream, alignment=au", "h265parse",
         "video/x-h265, stream-format=hvc1, alignment=au"}},
    Row{Codec::vp8, "VP8", {"rtpvp8depay"}},
    Row{Codec::vp9, "VP9", {"rtpvp9depay", "vp9parse", "video/x-vp9, alignment=super-frame"}},
    Row{Codec::av1, "AV1", {"av1parse", "video/x-av1, stream-format=obu-stream, alignment=tu"}},
    Row{Codec::opus, "OPUS", {"rtpopusdepay"}},
};

const Row& row_of(Codec codec) {
    for (const Row& row : kRows)
        if (row.codec == codec) return row;
    return kRows.front();
}

bool is_caps(const std::string& text) {
    return text.find('/') != std::string::npos;
}

}  // namespace

gst::Ref<GstCaps> rtp_caps(const IncomingCodec& codec) {
    auto caps = gst::adopt(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, codec.codec == Codec::opus ? "audio" : "video", "payload",
        G_TYPE_INT, static_cast<int>(codec.payload_type), "clock-rate", G_TYPE_INT, static_cast<int>(codec.clock_rate),
        "encoding-name", G_TYPE_STRING, row_of(codec.codec).encoding_name, nullptr));
    // Browsers do not say whether their sound has two channels; a decoder of two plays one as well.
    if (codec.codec == Codec::opus) gst_caps_set_simple(caps.get(), "sprop-stereo", G_TYPE_STRING, "1", nullptr);
    for (const char* name : {"sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps"})
        if (auto value = parameter_of(codec.fmtp, name))
            gst_caps_set_simple(caps.get(), name, G_TYPE_STRING, std::string(*value).c_str(), nullptr);
    return caps;
}

Result<gst::Elements> depayloading(const IncomingCodec& codec) {
    gst::Elements elements;
    for (const char* step : row_of(codec.codec).way) {
        if (step == nullptr) break;
        const std::string text(step);
        auto element = is_caps(text) ? gst::make_caps_filter(gst::adopt(gst_caps_from_string(step)).get())
                                     : gst::make_element(step);
        if (!element)
            return fail(Fault::no_resource, "GStreamer's " + text + " is missing; install gst-plugins-" +
                                                (text.starts_with("rtp") ? "good" : "bad"));
        elements.push_back(std::move(element));
    }
    return elements;
}

gst::Ref<GstCaps> temporal_unit_caps() {
    return gst::adopt(gst_caps_from_string("video/x-av1, stream-format=obu-stream, alignment=tu"));
}

}  // namespace millrace::webrtc
