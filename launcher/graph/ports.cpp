// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/ports.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "launcher/graph/media_kind.hpp"
#include "launcher/graph/registry.hpp"

namespace millrace::launcher {

namespace {

std::vector<gst::Ref<GstPad>> pads_of(GstElement* element) {
    std::vector<gst::Ref<GstPad>> pads;
    GST_OBJECT_LOCK(element);
    for (GList* each = element->pads; each; each = each->next) pads.push_back(gst::share(GST_PAD(each->data)));
    GST_OBJECT_UNLOCK(element);
    return pads;
}

std::vector<Port>& ports_for(GstPadDirection direction, PlannedNode& node) {
    return direction == GST_PAD_SRC ? node.outputs : node.inputs;
}

Port port_from(const std::string& name, const std::string& element, Presence presence, gst::Ref<GstCaps> caps) {
    std::string kind = media_kind(caps.get());
    if (kind.empty()) kind = media_kind_of_name(name);
    return {name, element, name, presence, std::move(caps), std::move(kind)};
}

void add_pads(GstElement* element, const std::string& name, PlannedNode& out) {
    for (const auto& pad : pads_of(element)) {
        if (gst_pad_is_linked(pad.get())) continue;
        auto caps = gst::adopt(gst_pad_query_caps(pad.get(), nullptr));
        ports_for(GST_PAD_DIRECTION(pad.get()), out)
            .push_back(port_from(GST_PAD_NAME(pad.get()), name, Presence::always, std::move(caps)));
    }
}

void add_templates(GstElement* element, const std::string& name, bool outputs, bool inputs, PlannedNode& out) {
    GstElementClass* klass = GST_ELEMENT_GET_CLASS(element);
    for (GList* each = gst_element_class_get_pad_template_list(klass); each; each = each->next) {
        auto* templ = GST_PAD_TEMPLATE(each->data);
        if (GST_PAD_TEMPLATE_PRESENCE(templ) == GST_PAD_ALWAYS) continue;
        if (GST_PAD_TEMPLATE_DIRECTION(templ) == GST_PAD_SRC ? !outputs : !inputs) continue;
        auto presence = GST_PAD_TEMPLATE_PRESENCE(templ) == GST_PAD_REQUEST ? Presence::request : Presence::sometimes;
        auto caps = gst::adopt(gst_pad_template_get_caps(templ));
        ports_for(GST_PAD_TEMPLATE_DIRECTION(templ), out)
            .push_back(port_from(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), name, presence, std::move(caps)));
    }
}

std::vector<gst::Ref<GstElement>> elements_of(GstBin* bin) {
    std::vector<gst::Ref<GstElement>> elements;
    std::unique_ptr<GstIterator, gst::FreeWith<gst_iterator_free>> each(gst_bin_iterate_elements(bin));
    GValue item = G_VALUE_INIT;
    while (gst_iterator_next(each.get(), &item) == GST_ITERATOR_OK) {
        elements.push_back(gst::share(GST_ELEMENT(g_value_get_object(&item))));
        g_value_unset(&item);
    }
    std::reverse(elements.begin(), elements.end());  // a bin lists the last added first
    return elements;
}

// The names a fragment's pads go by outside: kind and number, whatever they are called inside.
void name_by_kind(std::vector<Port>& ports, const char* otherwise) {
    std::map<std::string, int> count;
    for (Port& port : ports) {
        std::string stem = port.kind.empty() ? otherwise : port.kind;
        bool template_of_many = port.presence != Presence::always && port.pad.find('%') != std::string::npos;
        port.name = stem + "_" + (template_of_many ? "%u" : std::to_string(count[stem]++));
    }
}

// An element whose settings say which pads will come has a property `outputs` with their names.
std::vector<std::string> announced_outputs(GstElement* element) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), "outputs");
    if (!spec || !G_IS_PARAM_SPEC_STRING(spec) || !(spec->flags & G_PARAM_READABLE)) return {};
    gchar* text = nullptr;
    g_object_get(element, "outputs", &text, nullptr);
    gst::OwnedText owned(text);
    gst::Owned<gchar*, g_strfreev> names(g_strsplit(text ? text : "", ",", -1));
    std::vector<std::string> outputs;
    for (gchar** name = names.get(); *name; ++name)
        if (**name != '\0') outputs.emplace_back(*name);
    return outputs;
}

}  // namespace

void add_element_ports(GstElement* element, const std::string& name, PlannedNode& out) {
    add_pads(element, name, out);
    add_templates(element, name, true, true, out);
    out.announced = announced_outputs(element);
}

std::vector<std::string> add_fragment_ports(GstBin* bin, PlannedNode& out) {
    std::vector<std::string> names;
    for (const auto& element : elements_of(bin)) {
        std::string name = GST_OBJECT_NAME(element.get());
        names.push_back(name);
        out.factories.push_back(factory_name(element.get()));
        add_pads(element.get(), name, out);
        // Pads that come later are the node's unless the fragment links them itself.
        bool has_sinks = GST_ELEMENT(element.get())->numsinkpads > 0;
        bool has_sources = GST_ELEMENT(element.get())->numsrcpads > 0;
        add_templates(element.get(), name, !out.fragment.links_from(name) && !has_sources,
                      !out.fragment.links_to(name) && !has_sinks, out);
    }
    name_by_kind(out.outputs, "src");
    name_by_kind(out.inputs, "sink");
    return names;
}

}  // namespace millrace::launcher
