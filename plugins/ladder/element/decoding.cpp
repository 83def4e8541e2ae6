// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/element/decoding.hpp"

#include <gst/video/video.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "common/gst/codec_elements.hpp"
#include "common/net/worker.hpp"

namespace millrace::ladder {

namespace {

constexpr std::size_t kMostWaiting = 20;  // two thirds of a second of 30 frames/s: a hiccup, not a delay

bool is_key(GstBuffer* buffer) {
    return !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
}

void set_if_there(GstElement* element, const char* property, const char* value) {
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), property))
        gst_util_set_object_arg(G_OBJECT(element), property, value);
}

// Threads that work on one picture cost no time; threads that work on one picture each cost a picture each.
void make_quick(GstElement* decoder) {
    const std::string threads = std::to_string(std::clamp(std::thread::hardware_concurrency(), 1U, 4U));
    set_if_there(decoder, "thread-type", "slice");
    set_if_there(decoder, "max-threads", threads.c_str());
    // strict, which libav is otherwise, holds back as many pictures as the level allows to be reordered.
    set_if_there(decoder, "std-compliance", "normal");
    set_if_there(decoder, "threads", threads.c_str());
    set_if_there(decoder, "max-frame-delay", "1");
    set_if_there(decoder, "qos", "false");
}

Result<gst::Elements> elements_for(const GstCaps* caps) {
    if (gst_structure_has_name(gst_caps_get_structure(caps, 0), "video/x-raw"))
        return gst::Elements{gst::make_element("identity")};
    auto decoder = gst::make_decoder(caps);
    if (!decoder) {
        gst::OwnedText text(gst_caps_to_string(caps));
        return fail(Fault::no_resource,
                    std::string("there is no decoder for ") + text.get() + "; install gstreamer1.0-libav");
    }
    make_quick(decoder.get());
    return gst::Elements{decoder};
}

bool is_interlaced(const GstCaps* caps) {
    const gchar* mode = gst_structure_get_string(gst_caps_get_structure(caps, 0), "interlace-mode");
    return mode && g_strcmp0(mode, "progressive") != 0;
}

}  // namespace

Decoding::Decoding(bool live, Callbacks callbacks)
    : live_(live), callbacks_(std::move(callbacks)), queue_(kMostWaiting) {
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "ladder decoder");
}

Decoding::~Decoding() {
    queue_.stop();
    thread_.join();
}

void Decoding::push(gst::Ref<GstBuffer> buffer) {
    const bool key = is_key(buffer.get());
    Item item{.buffer = std::move(buffer), .event = {}, .key = key, .arrival = net::now()};
    if (!live_) return queue_.give(std::move(item));
    if (lost_ && !key) {
        ++dropped_;
        return;
    }
    lost_ = !queue_.offer(std::move(item));
    if (lost_) ++dropped_;
}

void Decoding::run() {
    while (auto item = queue_.take()) item->event ? take_event(std::move(item->event)) : decode(std::move(*item));
    close();
}

void Decoding::take_event(gst::Ref<GstEvent> event) {
    const auto type = GST_EVENT_TYPE(event.get());
    if (type == GST_EVENT_STREAM_START) stream_start_ = event;
    if (type == GST_EVENT_SEGMENT) segment_ = event;
    if (type == GST_EVENT_CAPS) {
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event.get(), &caps);
        const std::string media = gst_structure_get_name(gst_caps_get_structure(caps, 0));
        if (!chain_ || media != media_) {
            media_ = media;
            if (auto opened = open(caps); !opened) return callbacks_.failed(opened.error());
        }
    }
    if (chain_) chain_->send(std::move(event));
}

Result<> Decoding::open(const GstCaps* caps) {
    close();
    auto elements = elements_for(caps);
    if (!elements) return tl::unexpected(std::move(elements).error());
    decoder_.with([&](std::string& name) { name = GST_OBJECT_NAME(gst_element_get_factory(elements->front().get())); });
    auto chain = gst::Chain::make(
        *elements, {.event = [this](GstEvent* event) { return on_decoded_event(event); },
                    .buffer = [this](gst::Ref<GstBuffer> picture) { return on_decoded(std::move(picture)); }});
    if (!chain) return tl::unexpected(std::move(chain).error());
    chain_ = std::move(*chain);
    waits_for_key_ = true;
    if (stream_start_) chain_->send(stream_start_);
    return {};
}

void Decoding::close() {
    chain_.reset();
    deinterlacer_.reset();
}

void Decoding::decode(Item item) {
    if (!chain_) return;
    if (item.key) waits_for_key_ = false;
    if (waits_for_key_) return;
    arrival_ = item.arrival;
    if (item.key && GST_BUFFER_PTS_IS_VALID(item.buffer.get()))
        callbacks_.key(Duration(static_cast<std::int64_t>(GST_BUFFER_PTS(item.buffer.get()))));
    const GstFlowReturn flow = chain_->push(std::move(item.buffer));
    // What a decoder stumbles over does not end the stream: it is tried again at the next key frame.
    if (flow == GST_FLOW_ERROR || flow == GST_FLOW_NOT_NEGOTIATED) waits_for_key_ = true;
}

bool Decoding::on_decoded_event(GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event, &caps);
        deinterlace(caps);
    }
    deinterlacer_ ? (void)deinterlacer_->send(gst::share(event)) : callbacks_.event(event);
    return true;
}

GstFlowReturn Decoding::on_decoded(gst::Ref<GstBuffer> picture) {
    if (deinterlacer_) return deinterlacer_->push(std::move(picture));
    callbacks_.picture(std::move(picture), arrival_);
    return GST_FLOW_OK;
}

// One picture for each that comes, of its first field's time.
void Decoding::deinterlace(const GstCaps* caps) {
    if (!is_interlaced(caps)) return deinterlacer_.reset();
    if (deinterlacer_) return;
    auto element = gst::make_element("deinterlace");
    auto converter = gst::make_element("videoconvert");  // for what it does not take, such as 10 bits
    if (!element || !converter) return;                  // better with combs than not at all
    set_if_there(element.get(), "mode", "interlaced");
    set_if_there(element.get(), "fields", "top");
    set_if_there(element.get(), "method", "linear");
    auto chain = gst::Chain::make({converter, element}, {.event =
                                                             [this](GstEvent* event) {
                                                                 callbacks_.event(event);
                                                                 return true;
                                                             },
                                                         .buffer =
                                                             [this](gst::Ref<GstBuffer> picture) {
                                                                 callbacks_.picture(std::move(picture), arrival_);
                                                                 return GST_FLOW_OK;
                                                             }});
    if (!chain) return;
    deinterlacer_ = std::move(*chain);
    if (stream_start_) deinterlacer_->send(stream_start_);
}

}  // namespace millrace::ladder
