// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/publishers.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "common/net/listen_address.hpp"
#include "launcher/config/path_pattern.hpp"

namespace millrace::launcher {

namespace {

constexpr const char* kPublisherClass = "Source/Network/Publisher";

// What an application registers itself has no plugin; GStreamer writes that as a name.
constexpr const char* kNoPlugin = "NULL";

std::string plugin_of(gpointer feature) {
    const char* plugin = gst_plugin_feature_get_plugin_name(GST_PLUGIN_FEATURE(feature));
    return plugin ? plugin : kNoPlugin;
}

std::string text_property(gpointer object, const char* name) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), name);
    if (!spec || !G_IS_PARAM_SPEC_STRING(spec)) return "";
    gchar* value = nullptr;
    g_object_get(object, name, &value, nullptr);
    gst::OwnedText owned(value);
    return value ? value : "";
}

// Fills {port} with the number, and {port:DEFAULT} with nothing or ":NUMBER".
std::string substitute_port(std::string text, unsigned port) {
    auto start = text.find("{port");
    auto end = text.find('}', start);
    if (start == std::string::npos || end == std::string::npos) return text;
    std::string standard = text.substr(start + 5, end - start - 5);
    std::string number = std::to_string(port);
    if (!standard.empty()) number = standard == ":" + number ? "" : ":" + number;
    return text.replace(start, end - start + 1, number);
}

std::string substitute(std::string text, const std::string& word, const std::string& value) {
    if (auto at = text.find(word); at != std::string::npos) text.replace(at, word.size(), value);
    return text;
}

Publisher publisher_from(const std::string& provider, GstDevice* device) {
    Publisher publisher{provider, "", "", "", gst::share(device)};
    gst::OwnedStructure facts(gst_device_get_properties(device));
    if (!facts) return publisher;
    auto text = [&](const char* name) {
        const char* value = gst_structure_get_string(facts.get(), name);
        return std::string(value ? value : "");
    };
    publisher.path = text("path");
    publisher.protocol = text("protocol");
    publisher.address = text("address");
    return publisher;
}

}  // namespace

void refuse(const Publisher& publisher, const std::string& reason) {
    if (!g_signal_lookup("refuse", G_OBJECT_TYPE(publisher.device.get()))) return;
    g_signal_emit_by_name(publisher.device.get(), "refuse", reason.c_str());
}

std::set<std::string> providers_for(const std::vector<std::string>& factories) {
    std::set<std::string> plugins;
    bool takes_any = false;
    for (const std::string& name : factories) {
        auto factory = gst::adopt(gst_element_factory_find(name.c_str()));
        if (!factory) continue;
        plugins.insert(plugin_of(factory.get()));
        const char* publishers = gst_element_factory_get_metadata(factory.get(), "publishers");
        takes_any = takes_any || (publishers && std::strcmp(publishers, "any") == 0);
    }
    std::set<std::string> names;
    GList* all = gst_device_provider_factory_list_get_device_providers(GST_RANK_NONE);
    for (GList* each = all; each; each = each->next) {
        auto* factory = GST_DEVICE_PROVIDER_FACTORY(each->data);
        if (!gst_device_provider_factory_has_classes(factory, kPublisherClass)) continue;
        std::string plugin = plugin_of(factory);
        bool of_application = plugin == kNoPlugin;
        if (takes_any || of_application || plugins.count(plugin)) names.insert(GST_OBJECT_NAME(factory));
    }
    gst_plugin_feature_list_free(all);
    return names;
}

Publishers::~Publishers() {
    for (const Listening& each : listening_) gst_device_provider_stop(each.provider.get());
}

Result<> Publishers::listen(const std::string& name) {
    auto runs = [&](const Listening& each) { return each.name == name; };
    if (std::any_of(listening_.begin(), listening_.end(), runs)) return {};
    auto provider = gst::adopt(gst_device_provider_factory_get_by_name(name.c_str()));
    if (!provider) return fail(Fault::no_resource, "the device provider '" + name + "' cannot be made");
    auto bus = gst::adopt(gst_device_provider_get_bus(provider.get()));
    Watch watch = Watch::bus(*loop_, bus.get(), [this, name](GstMessage* message) { on_message(name, message); });
    if (!gst_device_provider_start(provider.get())) {
        std::string where = text_property(provider.get(), "listen");
        return fail(Fault::no_resource,
                    "'" + name + "' cannot listen" + (where.empty() ? "" : " at " + where) + "; is the port taken?");
    }
    GList* devices = gst_device_provider_get_devices(provider.get());
    for (GList* each = devices; each; each = each->next) add(name, GST_DEVICE(each->data));
    g_list_free_full(devices, gst_object_unref);
    listening_.push_back({name, std::move(provider), std::move(watch)});
    return {};
}

void Publishers::add(const std::string& provider, GstDevice* device) {
    auto same = [&](const Publisher& publisher) { return publisher.device.get() == device; };
    if (std::any_of(waiting_.begin(), waiting_.end(), same)) return;
    Publisher publisher = publisher_from(provider, device);
    if (publisher.path.empty()) return refuse(publisher, "it names no path");
    waiting_.push_back(publisher);
    found_(publisher);
}

void Publishers::on_message(const std::string& provider, GstMessage* message) {
    GstDevice* device = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_DEVICE_ADDED) {
        gst_message_parse_device_added(message, &device);
        add(provider, device);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_DEVICE_REMOVED) {
        gst_message_parse_device_removed(message, &device);
        auto gone = [&](const Publisher& publisher) { return publisher.device.get() == device; };
        waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), gone), waiting_.end());
    }
    if (device) gst_object_unref(device);
}

bool Publishers::is_waiting(const std::string& path) const {
    return std::any_of(waiting_.begin(), waiting_.end(), [&](const Publisher& each) { return each.path == path; });
}

void Publishers::report_again() {
    for (const Publisher& publisher : std::vector<Publisher>(waiting_)) found_(publisher);
}

std::vector<std::string> Publishers::urls(const std::string& name, const std::string& path) const {
    std::vector<std::string> urls;
    for (const Listening& each : listening_) {
        if (each.name != name) continue;
        auto address = net::ListenAddress::parse(text_property(each.provider.get(), "listen"));
        if (!address) return {};
        for (const char* property : {"url-template", "page-template"}) {
            std::string text = text_property(each.provider.get(), property);
            if (text.empty()) continue;
            text = substitute_port(substitute(text, "{host}", address->url_host()), address->port);
            urls.push_back(substitute_path(text, path));
        }
    }
    return urls;
}

}  // namespace millrace::launcher
