// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/opus_transcoder.hpp"

#include <string>
#include <utility>
#include <vector>

namespace millrace::webrtc {

namespace {

constexpr int kBitrate = 96'000;  // bit/s; of two channels nobody hears a difference
// Browsers play one or two channels; the rest is mixed down.
constexpr const char* kEncoderInput = "audio/x-raw, rate=(int)48000, channels=(int)[1, 2]";

using Element = gst::Ref<GstElement>;

Element make_element(const char* factory) {
    return gst::share(gst_element_factory_make(factory, nullptr));
}

// The best that the registry has.
Element make_decoder(const GstCaps* caps) {
    using Factories = gst::Owned<GList, gst_plugin_feature_list_free>;
    const auto kind = GST_ELEMENT_FACTORY_TYPE_DECODER | GST_ELEMENT_FACTORY_TYPE_MEDIA_AUDIO;
    Factories all(gst_element_factory_list_get_elements(kind, GST_RANK_MARGINAL));
    Factories fitting(gst_element_factory_list_filter(all.get(), caps, GST_PAD_SINK, FALSE));
    for (GList* each = fitting.get(); each; each = each->next)
        if (auto* made = gst_element_factory_create(GST_ELEMENT_FACTORY(each->data), nullptr)) return gst::share(made);
    return {};
}

Element make_rate_filter() {
    Element filter = make_element("capsfilter");
    if (filter) {
        auto caps = gst::adopt(gst_caps_from_string(kEncoderInput));
        g_object_set(filter.get(), "caps", caps.get(), nullptr);
    }
    return filter;
}

Element make_encoder() {
    Element encoder = make_element("opusenc");
    if (encoder) g_object_set(encoder.get(), "bitrate", kBitrate, nullptr);
    return encoder;
}

}  // namespace

Result<std::unique_ptr<OpusTranscoder>> OpusTranscoder::make(const GstCaps* caps, Output output) {
    std::unique_ptr<OpusTranscoder> transcoder(new OpusTranscoder(std::move(output)));
    if (auto built = transcoder->build(caps); !built) return tl::unexpected(std::move(built).error());
    return transcoder;
}

Result<> OpusTranscoder::build(const GstCaps* caps) {
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    std::vector<Element> elements;
    if (!gst_structure_has_name(structure, "audio/x-raw")) {
        elements.push_back(make_decoder(caps));
        if (!elements.back()) {
            gst::OwnedText text(gst_caps_to_string(caps));
            return fail(Fault::no_resource, std::string("there is no decoder for ") + text.get() +
                                                "; install gstreamer1.0-libav (avdec_aac, avdec_mp3)");
        }
    }
    for (Element element :
         {make_element("audioconvert"), make_element("audioresample"), make_rate_filter(), make_encoder()})
        elements.push_back(std::move(element));
    chain_ = gst::share(gst_bin_new(nullptr));
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (!elements[i])
            return fail(
                Fault::no_resource,
                "Opus cannot be encoded; install gstreamer1.0-plugins-base (audioconvert, audioresample, opusenc)");
        gst_bin_add(GST_BIN(chain_.get()), elements[i].get());
        if (i > 0) gst_element_link(elements[i - 1].get(), elements[i].get());
    }

    entry_ = gst::share(gst_pad_new("entry", GST_PAD_SRC));
    exit_ = gst::share(gst_pad_new("exit", GST_PAD_SINK));
    gst_pad_set_element_private(exit_.get(), this);
    gst_pad_set_chain_function(exit_.get(), [](GstPad* pad, GstObject*, GstBuffer* buffer) {
        return static_cast<OpusTranscoder*>(gst_pad_get_element_private(pad))->output_.buffer(gst::adopt(buffer));
    });
    gst_pad_set_event_function(exit_.get(), [](GstPad* pad, GstObject*, GstEvent* event) -> gboolean {
        auto owned = gst::adopt(event);
        return static_cast<OpusTranscoder*>(gst_pad_get_element_private(pad))->output_.event(event);
    });
    auto first = gst::adopt(gst_element_get_static_pad(elements.front().get(), "sink"));
    auto last = gst::adopt(gst_element_get_static_pad(elements.back().get(), "src"));
    gst_pad_link(entry_.get(), first.get());
    gst_pad_link(last.get(), exit_.get());
    gst_pad_set_active(exit_.get(), TRUE);
    gst_pad_set_active(entry_.get(), TRUE);
    gst_element_set_state(chain_.get(), GST_STATE_PLAYING);
    return {};
}

OpusTranscoder::~OpusTranscoder() {
    if (entry_) gst_pad_set_active(entry_.get(), FALSE);
    if (exit_) gst_pad_set_active(exit_.get(), FALSE);
    if (chain_) gst_element_set_state(chain_.get(), GST_STATE_NULL);
}

bool OpusTranscoder::send(gst::Ref<GstEvent> event) {
    return gst_pad_push_event(entry_.get(), event.release());
}

GstFlowReturn OpusTranscoder::push(gst::Ref<GstBuffer> buffer) {
    return gst_pad_push(entry_.get(), buffer.release());
}

}  // namespace millrace::webrtc
