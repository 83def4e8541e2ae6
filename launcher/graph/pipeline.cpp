// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/pipeline.hpp"

#include "launcher/graph/media_kind.hpp"
#include "launcher/graph/property_value.hpp"
#include "launcher/graph/registry.hpp"

namespace millrace::launcher {

namespace {

tl::unexpected<Error> cannot_link(GstPad* from, const std::string& to) {
    gst::OwnedText name(gst_object_get_path_string(GST_OBJECT(from)));
    return fail(Fault::bad_input, std::string("cannot link ") + name.get() + " to " + to);
}

gst::Ref<GstCaps> caps_of(GstPad* pad) {
    auto caps = gst::adopt(gst_pad_get_current_caps(pad));
    return caps ? caps : gst::adopt(gst_pad_query_caps(pad, nullptr));
}

bool is_linked_by_itself(GstPad* pad) {
    GstPadTemplate* templ = GST_PAD_PAD_TEMPLATE(pad);
    bool requested = templ && GST_PAD_TEMPLATE_PRESENCE(templ) == GST_PAD_REQUEST;  // by us, who link it
    return GST_PAD_DIRECTION(pad) != GST_PAD_SRC || requested || gst_pad_is_linked(pad);
}

}  // namespace

Pipeline::Pipeline(Plan plan)
    : plan_(std::move(plan)), pipeline_(gst::share(gst_pipeline_new(nullptr))), routes_(plan_) {
    for (std::size_t node = 0; node < plan_.nodes.size(); ++node) {
        if (plan_.is_fed(node) && !plan_.feeds(node)) waiting_.insert(node);
    }
    watches_media_ = !waiting_.empty();
}

Pipeline::~Pipeline() {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

Result<std::unique_ptr<Pipeline>> Pipeline::build(Plan plan) {
    std::unique_ptr<Pipeline> pipeline(new Pipeline(std::move(plan)));
    for (const PlannedNode& node : pipeline->plan_.nodes) {
        if (auto added = pipeline->add_node(node); !added) return tl::unexpected(std::move(added).error());
    }
    for (std::size_t node = 0; node < pipeline->elements_.size(); ++node) {
        if (auto linked = pipeline->link_node(node); !linked) return tl::unexpected(std::move(linked).error());
    }
    return pipeline;
}

Result<> Pipeline::add_node(const PlannedNode& node) {
    auto element = node.factory.empty() ? node.fragment.make_bin(node.name) : make_element(node.factory, node.name);
    if (!element) return tl::unexpected(std::move(element).error().while_("node '" + node.name + "'"));
    for (const Setting& setting : node.settings) set_property(element->get(), setting.name, setting.value);
    gst_bin_add(GST_BIN(pipeline_.get()), element->get());
    elements_.push_back(*element);
    return {};
}

gst::Ref<GstElement> Pipeline::find(std::size_t node, const std::string& element) const {
    if (!plan_.nodes[node].factory.empty()) return elements_[node];
    return gst::adopt(gst_bin_get_by_name(GST_BIN(elements_[node].get()), element.c_str()));
}

Result<> Pipeline::link_node(std::size_t node) {
    std::set<std::string> watched;
    for (const Port& port : plan_.nodes[node].outputs) {
        auto element = find(node, port.element);
        if (port.presence == Presence::sometimes && watched.insert(port.element).second)
            watch_pads(element.get(), node);
        if (port.presence != Presence::always) continue;
        auto pad = gst::adopt(gst_element_get_static_pad(element.get(), port.pad.c_str()));
        if (auto linked = link(describe(node, port.name, pad.get()), pad.get(), true); !linked) return linked;
    }
    for (const SourcePad& expected : expected_pads(plan_, node)) {
        const Port& port = *port_of(plan_.nodes[node], expected.name);
        if (port.presence != Presence::request || !plan_.feeds(node)) continue;
        auto element = find(node, port.element);
        auto pad = gst::adopt(gst_element_request_pad_simple(element.get(), inner_name(port, expected.name).c_str()));
        if (!pad)
            return fail(Fault::bad_input, "node '" + plan_.nodes[node].name + "' gives no pad '" + expected.name + "'");
        if (auto linked = link(expected, pad.get(), false); !linked) return linked;
    }
    return {};
}

void Pipeline::watch_pads(GstElement* element, std::size_t node) {
    PadWatch* watch = watches_.emplace_back(new PadWatch{this, node}).get();
    g_signal_connect(element, "pad-added", G_CALLBACK(on_pad_added), watch);
    g_signal_connect(element, "pad-removed", G_CALLBACK(on_pad_removed), watch);
}

std::string Pipeline::name_pad(std::size_t node, GstPad* pad) {
    if (!plan_.nodes[node].factory.empty()) return GST_PAD_NAME(pad);
    std::string kind = media_kind(caps_of(pad).get());
    if (kind.empty()) kind = "src";
    Lock lock(mutex_);
    return kind + "_" + std::to_string(named_[plan_.nodes[node].name + "/" + kind]++);
}

SourcePad Pipeline::describe(std::size_t node, const std::string& name, GstPad* pad) const {
    auto caps = caps_of(pad);
    return {node, name, media_kind(caps.get()), caps};
}

void Pipeline::on_pad_added(GstElement* element, GstPad* pad, gpointer data) {
    auto* watch = static_cast<PadWatch*>(data);
    if (is_linked_by_itself(pad)) return;
    Pipeline& self = *watch->pipeline;
    SourcePad source = self.describe(watch->node, self.name_pad(watch->node, pad), pad);
    if (auto linked = self.link(source, pad, false); !linked) {
        GST_ELEMENT_ERROR(element, CORE, NEGOTIATION, ("%s", linked.error().what.c_str()), (nullptr));
    }
}

// A pad that goes without saying so leaves its branch waiting; an end of stream tells it.
void Pipeline::on_pad_removed(GstElement*, GstPad* pad, gpointer) {
    if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC) return;
    auto* peer = static_cast<GstPad*>(g_object_get_data(G_OBJECT(pad), "millrace-peer"));
    if (!peer) return;
    auto ended = gst::adopt(gst_pad_get_sticky_event(peer, GST_EVENT_EOS, 0));
    if (!ended) gst_pad_send_event(peer, gst_event_new_eos());
}

Result<> Pipeline::link(const SourcePad& source, GstPad* pad, bool must_go_somewhere) {
    std::vector<SinkPad> sinks;
    bool wanted = false;
    bool queue = false;
    {
        Lock lock(mutex_);
        sinks = routes_.claim(source);
        wanted = routes_.is_wanted(source);
        queue = routes_.needs_queue(source.node, sinks.size());
    }
    if (sinks.empty()) {
        if (wanted) warn_unfit(source);
        return must_go_somewhere ? discard(pad) : Result<>();
    }
    if (sinks.size() == 1) return link_one(pad, sinks.front(), queue);

    auto tee = make_element("tee");
    if (!tee) return tl::unexpected(std::move(tee).error());
    add(tee->get());
    for (const SinkPad& sink : sinks) {
        auto branch = gst::adopt(gst_element_request_pad_simple(tee->get(), "src_%u"));
        if (auto linked = link_one(branch.get(), sink, queue); !linked) return linked;
    }
    auto in = gst::adopt(gst_element_get_static_pad(tee->get(), "sink"));
    g_object_set_data_full(G_OBJECT(pad), "millrace-peer", gst_object_ref(in.get()), gst_object_unref);
    return gst_pad_link_maybe_ghosting(pad, in.get()) ? Result<>() : cannot_link(pad, "its branches");
}

void Pipeline::warn_unfit(const SourcePad& source) {
    gst::OwnedText caps(gst_caps_to_string(source.caps.get()));
    const std::string& node = plan_.nodes[source.node].name;
    GST_ELEMENT_WARNING(
        pipeline_.get(), STREAM, FORMAT,
        ("'%s.%s' (%.80s) fits no free input of what it feeds", node.c_str(), source.name.c_str(), caps.get()),
        (nullptr));
}

Result<> Pipeline::link_one(GstPad* from, const SinkPad& to, bool queue) {
    auto sink = input(to);
    std::string name = plan_.nodes[to.node].name;
    if (!sink) return cannot_link(from, "'" + name + "', which gives no pad '" + to.name + "'");
    watch_first_buffer(to.node, sink.get());
    auto first = sink;
    if (queue) {
        auto made = BranchQueue::make(plan_.live);
        if (!made) return tl::unexpected(std::move(made).error());
        add(made->element());
        if (!gst_pad_link_maybe_ghosting(made->src().get(), sink.get()))
            return cannot_link(from, "'" + name + "." + to.name + "'");
        first = made->sink();
        Lock lock(mutex_);
        queues_.push_back(*made);
    }
    g_object_set_data_full(G_OBJECT(from), "millrace-peer", gst_object_ref(first.get()), gst_object_unref);
    if (!gst_pad_link_maybe_ghosting(from, first.get())) return cannot_link(from, "'" + name + "." + to.name + "'");
    return {};
}

Result<> Pipeline::discard(GstPad* from) {
    auto sink = make_discard();
    if (!sink) return tl::unexpected(std::move(sink).error());
    add(sink->get());
    auto in = gst::adopt(gst_element_get_static_pad(sink->get(), "sink"));
    return gst_pad_link_maybe_ghosting(from, in.get()) ? Result<>() : cannot_link(from, "nothing");
}

void Pipeline::add(GstElement* element) {
    gst_bin_add(GST_BIN(pipeline_.get()), element);
    gst_element_sync_state_with_parent(element);
}

gst::Ref<GstPad> Pipeline::input(const SinkPad& sink) {
    auto element = find(sink.node, sink.port->element);
    if (sink.port->presence == Presence::always) {
        return gst::adopt(gst_element_get_static_pad(element.get(), sink.port->pad.c_str()));
    }
    GstPadTemplate* templ = gst_element_get_pad_template(element.get(), sink.port->pad.c_str());
    std::string name = sink.name.empty() ? "" : inner_name(*sink.port, sink.name);
    return gst::adopt(gst_element_request_pad(element.get(), templ, name.empty() ? nullptr : name.c_str(), nullptr));
}

void Pipeline::watch_first_buffer(std::size_t node, GstPad* pad) {
    if (plan_.feeds(node)) return;
    auto seen = [](GstPad*, GstPadProbeInfo*, gpointer data) {
        auto* watch = static_cast<PadWatch*>(data);
        watch->pipeline->note_flowing(watch->node);
        return GST_PAD_PROBE_REMOVE;
    };
    auto type = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
    gst_pad_add_probe(pad, type, seen, new PadWatch{this, node},
                      [](gpointer data) { delete static_cast<PadWatch*>(data); });
}

void Pipeline::note_flowing(std::size_t node) {
    {
        Lock lock(mutex_);
        if (waiting_.erase(node) == 0 || !waiting_.empty()) return;
    }
    auto* facts = gst_structure_new_empty(kFlowingMessage);
    gst_element_post_message(pipeline_.get(), gst_message_new_application(GST_OBJECT(pipeline_.get()), facts));
}

std::uint64_t Pipeline::dropped() {
    Lock lock(mutex_);
    std::uint64_t sum = 0;
    for (const BranchQueue& queue : queues_) sum += queue.dropped();
    return sum;
}

std::string Pipeline::place_of(GstObject* source) const {
    if (!source) return "pipeline";
    for (std::size_t i = 0; i < elements_.size(); ++i) {
        auto* node = GST_OBJECT(elements_[i].get());
        if (source != node && !gst_object_has_as_ancestor(source, node)) continue;
        std::string what = GST_IS_ELEMENT(source) ? factory_name(GST_ELEMENT(source)) : GST_OBJECT_NAME(source);
        return plan_.nodes[i].name + " (" + what + ")";
    }
    return GST_OBJECT_NAME(source);
}

}  // namespace millrace::launcher
