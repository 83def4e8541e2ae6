// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/plan.hpp"

#include <gst/base/gstbasesrc.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>

#include "launcher/config/suggestion.hpp"
#include "launcher/graph/ports.hpp"
#include "launcher/graph/property_value.hpp"
#include "launcher/graph/registry.hpp"
#include "launcher/graph/routes.hpp"

namespace millrace::launcher {

namespace {

// Checks one stream and notes every problem on the way.
class Planner {
  public:
    Planner(const Stream& stream, const std::string& path, Problems& problems) : stream_(stream), problems_(problems) {
        plan_.path = path;
    }

    std::optional<Plan> run();

  private:
    void problem(Position at, std::string message) { problems_.push_back({stream_.file, at, std::move(message)}); }
    Property at_path(const Property& property) const;

    void add_node(const Node& node);
    void add_element(const Node& node, PlannedNode& out);
    void add_fragment(const Node& node, PlannedNode& out);
    void set(const Node& node, const Property& property, GstElement* element, PlannedNode& out);
    void fill_path(GstElement* element, PlannedNode& out);
    void add_edges();
    void add_edge(const Text& from, std::size_t to);
    void check_links();
    void check_fed();

    const Stream& stream_;
    Problems& problems_;
    Plan plan_;
    std::map<std::string, std::string> element_names_;  // element → the node it is in
};

std::vector<std::string> port_names(const std::vector<Port>& ports) {
    std::vector<std::string> names;
    for (const Port& port : ports) names.push_back(port.name);
    return names;
}

// What a list of pads carries, for a message: "video/x-raw, audio/x-raw".
std::string media_of(const std::vector<Port>& ports) {
    std::string out;
    std::set<std::string> seen;
    for (const Port& port : ports) {
        if (gst_caps_is_any(port.caps.get())) return "anything";
        for (guint i = 0; i < gst_caps_get_size(port.caps.get()); ++i) {
            std::string type = gst_structure_get_name(gst_caps_get_structure(port.caps.get(), i));
            if (seen.insert(type).second) out += (out.empty() ? "" : ", ") + type;
        }
    }
    return out.empty() ? "nothing" : out;
}

bool is_live_source(GstElement* element) {
    if (GST_IS_BASE_SRC(element)) return gst_base_src_is_live(GST_BASE_SRC(element));
    // A source that is no GstBaseSrc and receives from a network has its sender's pace.
    const char* klass = gst_element_class_get_metadata(GST_ELEMENT_GET_CLASS(element), GST_ELEMENT_METADATA_KLASS);
    return klass && std::strstr(klass, "Source") && std::strstr(klass, "Network");
}

bool has_live_source(GstElement* element) {
    if (!GST_IS_BIN(element) || is_live_source(element)) return is_live_source(element);
    bool live = false;
    std::unique_ptr<GstIterator, gst::FreeWith<gst_iterator_free>> each(gst_bin_iterate_sources(GST_BIN(element)));
    GValue item = G_VALUE_INIT;
    while (gst_iterator_next(each.get(), &item) == GST_ITERATOR_OK) {
        live = live || is_live_source(GST_ELEMENT(g_value_get_object(&item)));
        g_value_unset(&item);
    }
    return live;
}

Property Planner::at_path(const Property& property) const {
    Property out = property;
    for (Text& value : out.values) value.text = substitute_path(value.text, plan_.path);
    return out;
}

void Planner::set(const Node& node, const Property& property, GstElement* element, PlannedNode& out) {
    GObjectClass* klass = G_OBJECT_GET_CLASS(element);
    const std::string& name = property.name.text;
    const GParamSpec* spec = g_object_class_find_property(klass, name.c_str());
    if (!spec) {
        problem(property.name.at,
                no_such_property(klass, node.element.text, name) + did_you_mean(name, {"from", "element"}));
        return;
    }
    if (!(spec->flags & G_PARAM_WRITABLE) || name == "name" || name == "parent") {
        problem(property.name.at, "property '" + name + "' of " + node.element.text + " cannot be set");
        return;
    }
    auto value = property_text(spec, at_path(property));
    if (!value) {
        problem(property.values.front().at, value.error().what);
        return;
    }
    set_property(element, name, *value);
    out.settings.push_back({name, *value});
}

void Planner::fill_path(GstElement* element, PlannedNode& out) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), "path");
    if (!spec || !G_IS_PARAM_SPEC_STRING(spec) || !(spec->flags & G_PARAM_WRITABLE)) return;
    for (const Setting& setting : out.settings) {
        if (setting.name == "path") return;
    }
    set_property(element, "path", plan_.path);
    out.settings.insert(out.settings.begin(), {"path", plan_.path});
}

void Planner::add_element(const Node& node, PlannedNode& out) {
    auto element = make_element(node.element.text);
    if (!element) {
        problem(node.element.at, element.error().what);
        return;
    }
    out.factory = node.element.text;
    out.factories = {out.factory};
    for (const Property& property : node.properties) set(node, property, element->get(), out);
    fill_path(element->get(), out);
    add_element_ports(element->get(), node.name.text, out);
    out.live = has_live_source(element->get());
    element_names_.emplace(node.name.text, node.name.text);
}

void Planner::add_fragment(const Node& node, PlannedNode& out) {
    out.fragment = Fragment(node.name.text, substitute_path(node.launch.text, plan_.path));
    auto bin = out.fragment.make_bin(node.name.text);
    if (!bin) {
        problem(node.launch.at, bin.error().what);
        return;
    }
    for (const std::string& name : add_fragment_ports(GST_BIN(bin->get()), out)) {
        auto [other, fresh] = element_names_.emplace(name, node.name.text);
        if (!fresh)
            problem(node.launch.at, "the element name '" + name + "' is already in node '" + other->second + "'");
    }
    out.live = has_live_source(bin->get());
}

void Planner::add_node(const Node& node) {
    PlannedNode& out = plan_.nodes.emplace_back();
    out.name = node.name.text;
    if (node.launch.text.empty()) {
        add_element(node, out);
    } else {
        add_fragment(node, out);
    }
}

void Planner::add_edge(const Text& from, std::size_t to) {
    Reference reference = split_reference(from.text);
    const Node* source = stream_.find(reference.node);
    Edge edge{static_cast<std::size_t>(source - stream_.nodes.data()), reference.pad, to};
    const PlannedNode& node = plan_.nodes[edge.from];
    if (node.outputs.empty()) {
        problem(from.at, "node '" + node.name + "' has no output");
        return;
    }
    auto is_meant = [&](const Port& port) {
        return edge.pad.empty() || port.has_pad(edge.pad) || port.kind == edge.pad ||
               (port.kind.empty() && (edge.pad == "video" || edge.pad == "audio" || edge.pad == "text"));
    };
    if (std::none_of(node.outputs.begin(), node.outputs.end(), is_meant)) {
        auto names = port_names(node.outputs);
        std::string all;
        for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
        problem(from.at, "node '" + node.name + "' has no output '" + edge.pad + "'; it has " + all +
                             did_you_mean(edge.pad, names));
        return;
    }
    plan_.edges.push_back(edge);
}

void Planner::add_edges() {
    for (std::size_t to = 0; to < stream_.nodes.size(); ++to) {
        for (const Text& from : stream_.nodes[to].from) add_edge(from, to);
    }
}

// Every `from` must link at least one pad, as far as caps can tell before anything runs.
void Planner::check_links() {
    Routes routes(plan_);
    std::set<std::pair<std::size_t, std::size_t>> linked;
    for (std::size_t node = 0; node < plan_.nodes.size(); ++node) {
        for (const SourcePad& pad : expected_pads(plan_, node)) {
            for (const SinkPad& sink : routes.claim(pad)) linked.emplace(node, sink.node);
        }
    }
    for (const Edge& edge : plan_.edges) {
        if (linked.count({edge.from, edge.to})) continue;
        const PlannedNode& from = plan_.nodes[edge.from];
        const PlannedNode& to = plan_.nodes[edge.to];
        problem(stream_.nodes[edge.to].from.front().at, "nothing that '" + from.name + "' gives (" +
                                                            media_of(from.outputs) + ") fits a free input of '" +
                                                            to.name + "' (" + media_of(to.inputs) + ")");
    }
}

void Planner::check_fed() {
    for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
        const PlannedNode& node = plan_.nodes[i];
        const Node& said = stream_.nodes[i];
        bool must_be_fed = std::any_of(node.inputs.begin(), node.inputs.end(),
                                       [](const Port& port) { return port.presence == Presence::always; }) ||
                           (node.outputs.empty() && !node.inputs.empty());
        if (must_be_fed && said.from.empty()) problem(said.name.at, "node '" + node.name + "' needs a 'from'");
        if (node.inputs.empty() && !said.from.empty())
            problem(said.from.front().at, "node '" + node.name + "' has no input");
        bool must_feed = std::any_of(node.outputs.begin(), node.outputs.end(),
                                     [](const Port& port) { return port.presence == Presence::always; });
        if (must_feed && !plan_.feeds(i)) {
            problem(said.name.at,
                    "nothing is fed by node '" + node.name + "'; another node needs 'from: " + node.name + "'");
        }
    }
}

std::optional<Plan> Planner::run() {
    const std::size_t before = problems_.size();
    for (const Node& node : stream_.nodes) add_node(node);
    if (problems_.size() == before) add_edges();
    if (problems_.size() == before) check_fed();
    if (problems_.size() == before) check_links();
    for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
        if (!plan_.is_fed(i) && plan_.nodes[i].live) plan_.live = true;
    }
    return problems_.size() == before ? std::optional(std::move(plan_)) : std::nullopt;
}

}  // namespace

bool Port::has_pad(const std::string& pad_name) const {
    std::size_t at = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] != '%') {
            if (at >= pad_name.size() || pad_name[at++] != name[i]) return false;
            continue;
        }
        ++i;  // the letter of "%u"
        std::size_t start = at;
        bool any_text = i < name.size() && name[i] == 's';
        while (at < pad_name.size() && (any_text || g_ascii_isdigit(pad_name[at]))) ++at;
        if (at == start) return false;
    }
    return at == pad_name.size();
}

bool Plan::is_fed(std::size_t node) const {
    return std::any_of(edges.begin(), edges.end(), [&](const Edge& edge) { return edge.to == node; });
}

bool Plan::feeds(std::size_t node) const {
    return std::any_of(edges.begin(), edges.end(), [&](const Edge& edge) { return edge.from == node; });
}

std::optional<Plan> make_plan(const Stream& stream, const std::string& path, Problems& problems) {
    return Planner(stream, path, problems).run();
}

}  // namespace millrace::launcher
