// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/registry.hpp"

#include <cstdlib>
#include <memory>

#include "launcher/config/suggestion.hpp"

namespace millrace::launcher {

namespace {

std::vector<std::string> factory_names() {
    std::vector<std::string> names;
    GList* features = gst_registry_get_feature_list(gst_registry_get(), GST_TYPE_ELEMENT_FACTORY);
    for (GList* each = features; each; each = each->next) names.emplace_back(GST_OBJECT_NAME(each->data));
    gst_plugin_feature_list_free(features);
    return names;
}

}  // namespace

std::string no_such_element(const std::string& factory) {
    std::string message = "no element '" + factory + "' is installed";
    std::string near = did_you_mean(factory, factory_names());
    if (!near.empty()) return message + near;
    const char* path = std::getenv("GST_PLUGIN_PATH");
    return message + "; gst-inspect-1.0 lists what is, and GST_PLUGIN_PATH (" + (path && *path ? path : "not set") +
           ") says where else to look";
}

std::string no_such_property(GObjectClass* klass, const std::string& factory, const std::string& property) {
    guint count = 0;
    std::unique_ptr<GParamSpec*[], gst::FreeWith<g_free>> specs(g_object_class_list_properties(klass, &count));
    std::vector<std::string> names;
    for (guint i = 0; i < count; ++i) {
        if (specs[i]->flags & G_PARAM_WRITABLE) names.emplace_back(specs[i]->name);
    }
    return "unknown property '" + property + "' of " + factory + did_you_mean(property, names);
}

Result<gst::Ref<GstElement>> make_element(const std::string& factory, const std::string& name) {
    auto found = gst::adopt(gst_element_factory_find(factory.c_str()));
    if (!found) return fail(Fault::bad_input, no_such_element(factory));
    auto element = gst::share(gst_element_factory_create(found.get(), name.empty() ? nullptr : name.c_str()));
    if (!element) return fail(Fault::no_resource, "element '" + factory + "' is installed but cannot be made");
    return element;
}

std::string factory_name(GstElement* element) {
    GstElementFactory* factory = gst_element_get_factory(element);
    return factory ? GST_OBJECT_NAME(factory) : G_OBJECT_TYPE_NAME(element);
}

}  // namespace millrace::launcher
