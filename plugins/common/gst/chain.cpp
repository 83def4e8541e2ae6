// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/chain.hpp"

#include <gst/video/video.h>

#include <utility>

namespace millrace::gst {

namespace {

Chain& chain_of(GstPad* pad) {
    return *static_cast<Chain*>(gst_pad_get_element_private(pad));
}

// Encoders and decoders look upstream for whether they are part of something live, and hurry then.
gboolean answer_upstream(GstPad* pad, GstObject* parent, GstQuery* query) {
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
    gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
    return TRUE;
}

// What comes out may change its caps at any time: a pad without a template would take only those that it has had.
void answer_caps(GstQuery* query) {
    GstCaps* filter = nullptr;
    gst_query_parse_caps(query, &filter);
    auto any = filter ? share(filter) : adopt(gst_caps_new_any());
    gst_query_set_caps_result(query, any.get());
}

gboolean answer_downstream(GstPad* pad, GstObject* parent, GstQuery* query) {
    switch (GST_QUERY_TYPE(query)) {
        case GST_QUERY_CAPS:
            answer_caps(query);
            return TRUE;
        case GST_QUERY_ACCEPT_CAPS:
            gst_query_set_accept_caps_result(query, TRUE);
            return TRUE;
        case GST_QUERY_ALLOCATION:
            // Without this, a decoder that pads its pictures copies each one into a buffer that has no padding.
            gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
            return TRUE;
        default:
            return gst_pad_query_default(pad, parent, query);
    }
}

}  // namespace

Ref<GstElement> make_element(const char* factory) {
    return share(gst_element_factory_make(factory, nullptr));
}

Ref<GstElement> make_caps_filter(const GstCaps* caps) {
    auto filter = make_element("capsfilter");
    if (filter) g_object_set(filter.get(), "caps", caps, nullptr);
    return filter;
}

Result<std::unique_ptr<Chain>> Chain::make(const std::vector<Ref<GstElement>>& elements, Output output,
                                           const ChainTime& time) {
    std::unique_ptr<Chain> chain(new Chain(std::move(output)));
    if (auto linked = chain->link(elements); !linked) return tl::unexpected(std::move(linked).error());
    if (time.clock != nullptr) {
        gst_element_set_clock(chain->elements_.get(), time.clock);
        gst_element_set_base_time(chain->elements_.get(), time.base);
        // A bin that starts by itself would begin its own running time.
        gst_element_set_start_time(chain->elements_.get(), GST_CLOCK_TIME_NONE);
    }
    chain->open_ends(elements.front().get(), elements.back().get());
    chain->passed_.fetch_add(1, std::memory_order_release);
    if (auto started = chain->start(); !started) return tl::unexpected(std::move(started).error());
    return chain;
}

Result<> Chain::link(const std::vector<Ref<GstElement>>& elements) {
    elements_ = share(gst_bin_new(nullptr));
    auto bus = adopt(gst_bus_new());
    gst_bus_set_sync_handler(bus.get(), on_message, this, nullptr);
    gst_element_set_bus(elements_.get(), bus.get());
    for (std::size_t i = 0; i < elements.size(); ++i) {
        gst_bin_add(GST_BIN(elements_.get()), elements[i].get());
        if (i == 0 || gst_element_link(elements[i - 1].get(), elements[i].get())) continue;
        return fail(Fault::no_resource, std::string(GST_OBJECT_NAME(elements[i - 1].get())) + " does not link to " +
                                            GST_OBJECT_NAME(elements[i].get()));
    }
    return {};
}

template <class F>
auto Chain::come_out(F&& hand_on) {
    passed_.load(std::memory_order_acquire);
    auto result = hand_on();
    passed_.fetch_add(1, std::memory_order_release);
    return result;
}

void Chain::open_ends(GstElement* first, GstElement* last) {
    entry_ = share(gst_pad_new("entry", GST_PAD_SRC));
    gst_pad_set_query_function(entry_.get(), answer_upstream);
    exit_ = share(gst_pad_new("exit", GST_PAD_SINK));
    gst_pad_set_element_private(exit_.get(), this);
    gst_pad_set_query_function(exit_.get(), answer_downstream);
    gst_pad_set_chain_function(exit_.get(), [](GstPad* pad, GstObject*, GstBuffer* buffer) {
        Chain& chain = chain_of(pad);
        return chain.come_out([&] { return chain.output_.buffer(adopt(buffer)); });
    });
    gst_pad_set_event_function(exit_.get(), [](GstPad* pad, GstObject*, GstEvent* event) -> gboolean {
        auto owned = adopt(event);
        Chain& chain = chain_of(pad);
        return chain.come_out([&] { return chain.output_.event(event); });
    });
    auto sink = adopt(gst_element_get_static_pad(first, "sink"));
    auto src = adopt(gst_element_get_static_pad(last, "src"));
    gst_pad_link(entry_.get(), sink.get());
    gst_pad_link(src.get(), exit_.get());
    gst_pad_set_active(exit_.get(), TRUE);
    gst_pad_set_active(entry_.get(), TRUE);
}

Result<> Chain::start() {
    if (gst_element_set_state(elements_.get(), GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE) return {};
    const std::string why = complaint();
    return fail(Fault::no_resource, why.empty() ? "an element does not start" : why);
}

GstBusSyncReply Chain::on_message(GstBus*, GstMessage* message, gpointer chain) {
    auto owned = adopt(message);
    GError* error = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) gst_message_parse_error(message, &error, nullptr);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) gst_message_parse_warning(message, &error, nullptr);
    if (error == nullptr) return GST_BUS_DROP;
    Owned<GError, g_error_free> said(error);
    static_cast<Chain*>(chain)->complaint_.with([&](std::string& complaint) { complaint = said->message; });
    return GST_BUS_DROP;
}

Chain::~Chain() {
    if (entry_) gst_pad_set_active(entry_.get(), FALSE);
    if (exit_) gst_pad_set_active(exit_.get(), FALSE);
    if (elements_) gst_element_set_state(elements_.get(), GST_STATE_NULL);
    passed_.load(std::memory_order_acquire);
}

bool Chain::send(Ref<GstEvent> event) {
    passed_.fetch_add(1, std::memory_order_release);
    return gst_pad_push_event(entry_.get(), event.release());
}

GstFlowReturn Chain::push(Ref<GstBuffer> buffer) {
    passed_.fetch_add(1, std::memory_order_release);
    return gst_pad_push(entry_.get(), buffer.release());
}

}  // namespace millrace::gst
