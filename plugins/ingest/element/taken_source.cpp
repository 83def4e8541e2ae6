// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ingest/element/taken_source.hpp"

#include <algorithm>
#include <utility>

namespace millrace::ingest {

// What the source's signals reach. It may still be told of one after it was stopped, so that this holds what it needs.
struct TakenSource::Ears {
    gst::Ref<GstElement> element;  // whose `events` are
    gst::SourceEvents& events;
    std::shared_ptr<Inbox> inbox;
    std::shared_ptr<Relay> relay;
    unsigned number;

    static void free(gpointer ears, GClosure*) { delete static_cast<Ears*>(ears); }
};

namespace {

constexpr const char* kConnected = "publisher-connected";

gst::PublisherInfo info_of(const GstStructure* facts) {
    return gst::publisher_info(gst::OwnedStructure(gst_structure_copy(facts)));
}

const GParamSpec* property(const gst::Ref<GstElement>& element, const char* name, GType type) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), name);
    return spec && G_PARAM_SPEC_VALUE_TYPE(spec) == type ? spec : nullptr;
}

void set_duration(const gst::Ref<GstElement>& element, const char* name, Duration value) {
    const auto* spec = reinterpret_cast<const GParamSpecUInt64*>(property(element, name, G_TYPE_UINT64));
    if (!spec) return;
    const auto wanted = static_cast<guint64>(value.count());
    g_object_set(element.get(), name, std::clamp(wanted, spec->minimum, spec->maximum), nullptr);
}

}  // namespace

TakenSource::TakenSource(gst::Ref<GstElement> source, unsigned number, const Surroundings& among)
    : bin_(among.bin),
      source_(std::move(source)),
      number_(number),
      relay_(std::make_shared<Relay>(among.pads, among.progress,
                                     [inbox = among.inbox, number] { inbox->push(Exhausted{number}); })) {}

Result<std::unique_ptr<TakenSource>> TakenSource::make(GstDevice* device, unsigned number, const Surroundings& among) {
    auto source = gst::share(gst_device_create_element(device, nullptr));
    if (!source) return fail(Fault::no_resource, "the device of a publisher makes no source");
    std::unique_ptr<TakenSource> taken(new TakenSource(std::move(source), number, among));
    taken->settle(among.settings);
    taken->listen(among.events, among.inbox);
    gst_bin_add(among.bin, taken->source_.get());
    taken->add_pads_it_has();  // a bin unlinks what it is given
    return taken;
}

// An application's own source may have its pads from the beginning.
void TakenSource::add_pads_it_has() {
    gst_element_foreach_src_pad(
        source_.get(),
        [](GstElement*, GstPad* pad, gpointer relay) -> gboolean {
            static_cast<Relay*>(relay)->add(pad);
            return TRUE;
        },
        relay_.get());
    if (source_->numsrcpads > 0) relay_->all_added();
}

Result<> TakenSource::start(const gst::OwnedStructure& publisher, Inbox& inbox) {
    if (!gst_element_sync_state_with_parent(source_.get())) {
        return fail(Fault::no_resource, "the source of a publisher cannot start");
    }
    // One that does not say when it has its publisher has it at once.
    const bool says = g_signal_lookup(kConnected, G_OBJECT_TYPE(source_.get())) != 0;
    if (!says && publisher) inbox.push(Connected{number_, info_of(publisher.get())});
    return {};
}

TakenSource::~TakenSource() {
    gst_element_set_locked_state(source_.get(), TRUE);  // the bin leaves it stopped
    gst_element_set_state(source_.get(), GST_STATE_NULL);
    for (gulong handler : handlers_) g_signal_handler_disconnect(source_.get(), handler);
    gst_bin_remove(bin_, source_.get());
}

// How long a publisher is awaited is decided here, so that one who comes by another way is seen meanwhile.
void TakenSource::settle(const gst::SourceSettings& settings) {
    set_duration(source_, "reconnect-timeout", settings.reconnect_timeout + 1min);
    if (settings.latency > 0ns) set_duration(source_, "latency", settings.latency);
}

Duration TakenSource::latency() const {
    auto query = gst::adopt(gst_query_new_latency());
    GstClockTime least = 0;
    if (gst_element_query(source_.get(), query.get())) gst_query_parse_latency(query.get(), nullptr, &least, nullptr);
    return Duration(static_cast<std::int64_t>(least));
}

void TakenSource::listen(gst::SourceEvents& events, const std::shared_ptr<Inbox>& inbox) {
    auto connect = [&](const char* signal, GCallback callback) {
        if (!g_signal_lookup(signal, G_OBJECT_TYPE(source_.get()))) return;
        auto* ears = new Ears{gst::share(GST_ELEMENT(bin_)), events, inbox, relay_, number_};
        handlers_.push_back(g_signal_connect_data(source_.get(), signal, callback, ears, &Ears::free, {}));
    };
    connect("authorize", G_CALLBACK(+[](GstElement*, const GstStructure* request, Ears* ears) -> gboolean {
                const bool allowed = ears->events.authorize(info_of(request));
                // The source was taken for that publisher.
                if (!allowed) ears->inbox->push(Exhausted{ears->number});
                return allowed;
            }));
    connect(kConnected, G_CALLBACK(+[](GstElement*, const GstStructure* publisher, Ears* ears) {
                ears->inbox->push(Connected{ears->number, info_of(publisher)});
            }));
    connect("publisher-disconnected", G_CALLBACK(+[](GstElement*, const GstStructure* publisher, Ears* ears) {
                ears->inbox->push(Disconnected{ears->number, info_of(publisher)});
            }));
    connect("pad-added", G_CALLBACK(+[](GstElement*, GstPad* pad, Ears* ears) {
                if (GST_PAD_IS_SRC(pad)) ears->relay->add(pad);
            }));
    connect("no-more-pads", G_CALLBACK(+[](GstElement*, Ears* ears) { ears->relay->all_added(); }));
}

}  // namespace millrace::ingest
