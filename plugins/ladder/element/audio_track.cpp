// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/element/audio_track.hpp"

#include <algorithm>
#include <utility>

#include "common/gst/codec_elements.hpp"

namespace millrace::ladder {

namespace {

bool is_aac(const GstStructure* structure) {
    gint version = 0;
    return gst_structure_has_name(structure, "audio/mpeg") &&
           gst_structure_get_int(structure, "mpegversion", &version) && version != 1;
}

// What the encoder of AAC leaves to others. It does not say that each of its buffers is a whole frame; and its delay
// has to be taken back, without which sound would be a packet behind its picture.
class InTime {
  public:
    gst::Ref<GstEvent> caps(GstEvent* event) {
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event, &caps);
        gst_structure_get_int(gst_caps_get_structure(caps, 0), "rate", &rate_);
        auto framed = gst::adopt(gst_caps_copy(caps));
        gst_caps_set_simple(framed.get(), "framed", G_TYPE_BOOLEAN, TRUE, nullptr);
        return gst::adopt(gst_event_new_caps(framed.get()));
    }
    // nullptr for the packet before the first sample.
    gst::Ref<GstBuffer> moved(gst::Ref<GstBuffer> packet) {
        if (std::exchange(first_, false) || rate_ <= 0 || !GST_BUFFER_PTS_IS_VALID(packet.get())) return {};
        const GstClockTime late = gst_util_uint64_scale(gst::kAacDelay, GST_SECOND, static_cast<guint64>(rate_));
        auto moved = gst::adopt(gst_buffer_make_writable(packet.release()));
        GST_BUFFER_PTS(moved.get()) -= std::min(late, GST_BUFFER_PTS(moved.get()));
        GST_BUFFER_DTS(moved.get()) = GST_CLOCK_TIME_NONE;
        return moved;
    }

  private:
    gint rate_ = 0;
    bool first_ = true;
};

std::string language_of(GstEvent* stream_start) {
    const auto said = stream_start ? gst::rendition_of(stream_start) : std::nullopt;
    return said ? said->language : "";
}

}  // namespace

std::unique_ptr<Output> AudioTrack::make_output(bool aac, bool alone) {
    auto stream_start = gst::adopt(gst_pad_get_sticky_event(sink_, GST_EVENT_STREAM_START, 0));
    std::string name = aac ? "audio" : "audio-opus";
    if (number_ > 0) name += "-" + std::to_string(number_);
    GstPad* sink = sink_;
    return std::make_unique<Output>(
        Output::Origin{outlet_.element, stream_start.get()}, codec::Kind::audio, 2 * number_ + (aac ? 0 : 1),
        gst::Rendition{.name = std::move(name),
                       .bitrate = 0,
                       .language = language_of(stream_start.get()),
                       .segmented = aac,
                       .realtime = !aac || alone,
                       .steady = true},
        [sink](GstEvent* event) { return gst_pad_push_event(sink, gst_event_ref(event)); },
        [sink](GstQuery* query) {
            return GST_QUERY_TYPE(query) == GST_QUERY_LATENCY && gst_pad_peer_query(sink, query);
        });
}

void AudioTrack::event(gst::Ref<GstEvent> event) {
    switch (GST_EVENT_TYPE(event.get())) {
        case GST_EVENT_STREAM_START:
            if (aac_) aac_->begin(event.get());
            if (opus_) opus_->begin(event.get());
            return;
        case GST_EVENT_CAPS:
            return set_caps(event.get());
        default:
            return send_on(std::move(event));
    }
}

void AudioTrack::send_on(gst::Ref<GstEvent> event) {
    if (passed_) passed_->send(gst_event_ref(event.get()));
    if (decoder_) {
        decoder_->send(std::move(event));
    } else if (!media_.empty() && passed_ == nullptr) {
        send_decoded(event.get());
    }
}

void AudioTrack::set_caps(GstEvent* event) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    const Input input = is_aac(structure)                                   ? Input::aac
                        : gst_structure_has_name(structure, "audio/x-opus") ? Input::opus
                                                                            : Input::other;
    const std::string media = gst_structure_get_name(structure) + std::to_string(static_cast<int>(input));
    if (media != media_) {
        media_ = media;
        if (auto opened = open(caps, input); !opened) outlet_.fail(opened.error());
    }
    send_on(gst::share(event));
}

Result<> AudioTrack::open(const GstCaps* caps, Input input) {
    decoder_.reset();
    aac_encoder_.reset();
    opus_encoder_.reset();
    if (!aac_) aac_ = make_output(true, input == Input::aac);
    passed_ = input == Input::aac ? aac_.get() : nullptr;
    if (input == Input::aac) return {};
    if (!opus_) opus_ = make_output(false, false);
    if (input == Input::opus) passed_ = opus_.get();

    auto aac = make_encoder(gst::aac_encoder(), *aac_);
    if (!aac) return tl::unexpected(std::move(aac).error());
    aac_encoder_ = std::move(*aac);
    if (input == Input::other) {
        auto opus = make_encoder(gst::opus_encoder(), *opus_);
        if (!opus) return tl::unexpected(std::move(opus).error());
        opus_encoder_ = std::move(*opus);
    }
    auto elements = gst::audio_decoder(caps);
    if (!elements) return tl::unexpected(std::move(elements).error());
    if (elements->empty()) return {};
    auto decoder =
        gst::Chain::make(*elements, {.event =
                                         [this](GstEvent* out) {
                                             send_decoded(out);
                                             return true;
                                         },
                                     .buffer = [this](gst::Ref<GstBuffer> buffer) { return push_decoded(buffer); }});
    if (!decoder) return tl::unexpected(std::move(decoder).error());
    decoder_ = std::move(*decoder);
    replay(*decoder_);
    return {};
}

// A chain begins with the name of its stream; what follows, CAPS and SEGMENT, it gets with the others.
void AudioTrack::replay(gst::Chain& chain) {
    if (auto start = gst::adopt(gst_pad_get_sticky_event(sink_, GST_EVENT_STREAM_START, 0)))
        chain.send(std::move(start));
}

Result<std::unique_ptr<gst::Chain>> AudioTrack::make_encoder(Result<gst::Elements> elements, Output& output) {
    if (!elements) return tl::unexpected(std::move(elements).error());
    auto in_time = &output == aac_.get() ? std::make_shared<InTime>() : nullptr;
    auto chain = gst::Chain::make(*elements, {.event =
                                                  [&output, in_time](GstEvent* out) {
                                                      if (GST_EVENT_TYPE(out) == GST_EVENT_STREAM_START) return true;
                                                      if (in_time && GST_EVENT_TYPE(out) == GST_EVENT_CAPS)
                                                          return output.send(in_time->caps(out).release());
                                                      return output.send(gst_event_ref(out));
                                                  },
                                              .buffer =
                                                  [&output, in_time](gst::Ref<GstBuffer> packet) {
                                                      if (in_time) packet = in_time->moved(std::move(packet));
                                                      return packet ? output.push(std::move(packet)) : GST_FLOW_OK;
                                                  }});
    if (chain) replay(**chain);
    return chain;
}

void AudioTrack::send_decoded(GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) return;
    for (auto* encoder : {aac_encoder_.get(), opus_encoder_.get()})
        if (encoder) encoder->send(gst::share(event));
}

GstFlowReturn AudioTrack::push_decoded(const gst::Ref<GstBuffer>& buffer) {
    GstFlowReturn flow = GST_FLOW_OK;
    for (auto* encoder : {aac_encoder_.get(), opus_encoder_.get()}) {
        if (!encoder) continue;
        const GstFlowReturn each = encoder->push(buffer);
        if (each != GST_FLOW_OK) flow = each;
    }
    return flow;
}

GstFlowReturn AudioTrack::push(gst::Ref<GstBuffer> buffer) {
    GstFlowReturn passed = GST_FLOW_OK;
    if (passed_) passed = passed_->push(buffer);
    GstFlowReturn encoded = GST_FLOW_OK;
    if (decoder_) {
        encoded = decoder_->push(std::move(buffer));
    } else if (aac_encoder_) {
        encoded = push_decoded(buffer);
    }
    return passed != GST_FLOW_OK ? passed : encoded;
}

}  // namespace millrace::ladder
