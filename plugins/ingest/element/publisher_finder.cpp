// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ingest/element/publisher_finder.hpp"

#include <utility>

#include "common/gst/publisher_device.hpp"

namespace millrace::ingest {

namespace {

std::string listen_of(GstDeviceProvider* provider) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(provider), "listen");
    if (!spec || !G_IS_PARAM_SPEC_STRING(spec)) return "";
    gchar* listen = nullptr;
    g_object_get(provider, "listen", &listen, nullptr);
    gst::OwnedText owned(listen);
    return listen ? std::string(" at ") + listen : "";
}

}  // namespace

bool PublisherFinder::Ear::is_meant(GstDevice* device) const {
    gst::OwnedStructure facts(gst_device_get_properties(device));
    const gchar* its = facts ? gst_structure_get_string(facts.get(), "path") : nullptr;
    return its && path == its;
}

void PublisherFinder::Ear::hear(GstBus*, GstMessage* message, const Ear* ear) {
    GstDevice* device = nullptr;
    const bool added = GST_MESSAGE_TYPE(message) == GST_MESSAGE_DEVICE_ADDED;
    if (added) {
        gst_message_parse_device_added(message, &device);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_DEVICE_REMOVED) {
        gst_message_parse_device_removed(message, &device);
    }
    auto owned = gst::adopt(device);
    if (!device || !ear->is_meant(device)) return;
    added ? ear->inbox->push(Appeared{std::move(owned)}) : ear->inbox->push(Vanished{std::move(owned)});
}

Result<std::unique_ptr<PublisherFinder>> PublisherFinder::start(const std::string& path, std::shared_ptr<Inbox> inbox) {
    std::unique_ptr<PublisherFinder> finder(new PublisherFinder({path, std::move(inbox)}));
    GList* all = gst_device_provider_factory_list_get_device_providers(GST_RANK_NONE);
    for (GList* each = all; each; each = each->next) {
        auto* factory = GST_DEVICE_PROVIDER_FACTORY(each->data);
        if (gst_device_provider_factory_has_classes(factory, gst::kPublisherClass)) {
            finder->listen(GST_OBJECT_NAME(factory));
        }
    }
    gst_plugin_feature_list_free(all);
    if (finder->listening_.empty()) {
        std::string where;
        for (const std::string& each : finder->deaf_) where += (where.empty() ? ": " : ", ") + each;
        return fail(Fault::no_resource, where.empty() ? "no plugin for publishers is installed"
                                                      : "cannot listen for publishers" + where + "; is a port taken?");
    }
    finder->look_around();  // who waited already is not announced
    return finder;
}

// A provider is one in the process, and its bus as well: who reads messages from it takes them from others, so that
// they are heard as they are posted.
void PublisherFinder::listen(const char* name) {
    auto provider = gst::adopt(gst_device_provider_factory_get_by_name(name));
    if (!provider) return;
    if (!gst_device_provider_start(provider.get())) {
        deaf_.push_back(name + listen_of(provider.get()));
        return;
    }
    auto bus = gst::adopt(gst_device_provider_get_bus(provider.get()));
    gst_bus_enable_sync_message_emission(bus.get());
    auto release = [](gpointer ear, GClosure*) { delete static_cast<Ear*>(ear); };
    const gulong handler =
        g_signal_connect_data(bus.get(), "sync-message", G_CALLBACK(&Ear::hear), new Ear(ear_), release, {});
    listening_.push_back({std::move(provider), std::move(bus), handler});
}

PublisherFinder::~PublisherFinder() {
    for (const Listening& each : listening_) {
        g_signal_handler_disconnect(each.bus.get(), each.handler);
        gst_bus_disable_sync_message_emission(each.bus.get());
        gst_device_provider_stop(each.provider.get());
    }
}

void PublisherFinder::look_around() const {
    for (const Listening& each : listening_) {
        GList* devices = gst_device_provider_get_devices(each.provider.get());
        for (GList* link = devices; link; link = link->next) {
            auto device = gst::adopt(GST_DEVICE(link->data));
            if (ear_.is_meant(device.get())) ear_.inbox->push(Appeared{std::move(device)});
        }
        g_list_free(devices);
    }
}

}  // namespace millrace::ingest
