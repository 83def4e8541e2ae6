// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/codec_elements.hpp"

#include <array>
#include <string>

#include "common/gst/chain.hpp"

namespace millrace::gst {

namespace {

struct Encoder {
    const char* factory;
    const char* bitrate;  // the property's value; of two channels nobody hears a difference
    const char* input;    // browsers play one or two channels; the rest is mixed down
    const char* install;
};
constexpr Encoder kOpus{"opusenc", "96000", "audio/x-raw, rate=(int)48000, channels=(int)[1, 2]",
                        "Opus cannot be encoded; install gstreamer1.0-plugins-base (audioconvert, audioresample, "
                        "opusenc)"};
constexpr Encoder kAac{"avenc_aac", "128000",
                       "audio/x-raw, rate=(int){ 48000, 44100, 32000, 24000, 22050, 16000 }, channels=(int)[1, 2]",
                       "AAC cannot be encoded; install gstreamer1.0-libav (avenc_aac) and gstreamer1.0-plugins-base "
                       "(audioconvert, audioresample)"};

// An encoder counts samples and looks at the timestamps only when they are this far apart: sound that is slewed to a
// publisher's clock must not be so far from its picture.
constexpr const char* kTolerance = "5000000";  // ns

Result<Elements> encoder(const Encoder& row) {
    auto encoder = make_element(row.factory);
    auto input = adopt(gst_caps_from_string(row.input));
    Elements elements{make_element("audioconvert"), make_element("audioresample"), make_caps_filter(input.get()),
                      encoder};
    for (const auto& element : elements)
        if (!element) return fail(Fault::no_resource, row.install);
    gst_util_set_object_arg(G_OBJECT(encoder.get()), "bitrate", row.bitrate);
    gst_util_set_object_arg(G_OBJECT(encoder.get()), "tolerance", kTolerance);
    return elements;
}

}  // namespace

Ref<GstElement> make_decoder(const GstCaps* caps) {
    using Factories = Owned<GList, gst_plugin_feature_list_free>;
    auto raw = adopt(gst_caps_from_string("video/x-raw; audio/x-raw"));
    Factories all(gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL));
    // That take all such caps and not some: vp8alphadecodebin comes first and takes VP8 that has an alpha channel.
    Factories taking(gst_element_factory_list_filter(all.get(), caps, GST_PAD_SINK, TRUE));
    Factories fitting(gst_element_factory_list_filter(taking.get(), raw.get(), GST_PAD_SRC, FALSE));
    for (GList* each = fitting.get(); each; each = each->next)
        if (auto* made = gst_element_factory_create(GST_ELEMENT_FACTORY(each->data), nullptr)) return share(made);
    return {};
}

Result<Elements> audio_decoder(const GstCaps* caps) {
    if (gst_structure_has_name(gst_caps_get_structure(caps, 0), "audio/x-raw")) return Elements();
    if (auto decoder = make_decoder(caps)) return Elements{decoder};
    OwnedText text(gst_caps_to_string(caps));
    return fail(Fault::no_resource, std::string("there is no decoder for ") + text.get() +
                                        "; install gstreamer1.0-libav (avdec_aac, avdec_mp3)");
}

Result<Elements> opus_encoder() {
    return encoder(kOpus);
}

Result<Elements> aac_encoder() {
    return encoder(kAac);
}

}  // namespace millrace::gst
