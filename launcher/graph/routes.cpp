// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/routes.hpp"

#include <algorithm>

#include "launcher/graph/media_kind.hpp"

namespace millrace::launcher {

namespace {

bool selects(const Edge& edge, const SourcePad& pad) {
    if (edge.pad.empty() || edge.pad == pad.name) return true;
    return is_media_kind(edge.pad) && (edge.pad == pad.kind || pad.name.rfind(edge.pad + "_", 0) == 0);
}

bool fits(const Port& port, const SourcePad& source) {
    if (!gst_caps_can_intersect(port.caps.get(), source.caps.get())) return false;
    return port.kind.empty() || source.kind.empty() || port.kind == source.kind;
}

std::string stem(const std::string& name) {
    return name.substr(0, name.find_first_of("%0123456789"));
}

// "video_%u" and "video_1": the number goes along. Elsewhere it may mean something, as a PID does in a transport
// stream.
bool same_series(const Port& port, const SourcePad& source) {
    return stem(port.name) == stem(source.name);
}

// Lower is better: the same name, then the same kind, then pads that are there before pads that are asked for.
int preference(const Port& port, const SourcePad& source) {
    int rank = port.presence == Presence::always ? 0 : 1;
    if (port.kind != source.kind) rank += 2;
    if (!same_series(port, source)) rank += 4;
    return rank;
}

// "video_%u" with its number; a template with several gets the same one everywhere.
std::string numbered(std::string name, std::size_t number) {
    for (auto at = name.find('%'); at != std::string::npos; at = name.find('%')) {
        name.replace(at, 2, std::to_string(number));
    }
    return name;
}

// The kinds of media that those fed by `node` take, for an output whose caps say nothing.
std::set<std::string> wanted_kinds(const Plan& plan, std::size_t node) {
    std::set<std::string> kinds;
    for (const Edge& edge : plan.edges) {
        if (edge.from != node) continue;
        if (is_media_kind(edge.pad)) {
            kinds.insert(edge.pad);
            continue;
        }
        for (const Port& port : plan.nodes[edge.to].inputs) kinds.insert(port.kind);
    }
    if (kinds.size() > 1) kinds.erase("");
    return kinds;
}

}  // namespace

std::vector<SinkPad> Routes::claim(const SourcePad& source) {
    std::vector<SinkPad> sinks;
    std::set<std::size_t> served;
    for (const Edge& edge : plan_.edges) {
        if (edge.from != source.node || served.count(edge.to) || !selects(edge, source)) continue;
        auto sink = claim_input(edge.to, source);
        if (!sink) continue;
        served.insert(edge.to);
        sinks.push_back(*sink);
    }
    return sinks;
}

std::optional<SinkPad> Routes::claim_input(std::size_t node, const SourcePad& source) {
    const Port* best = nullptr;
    for (const Port& port : plan_.nodes[node].inputs) {
        if (!fits(port, source)) continue;
        if (!port.is_many() && taken_[node].count(port.name)) continue;
        if (!best || preference(port, source) < preference(*best, source)) best = &port;
    }
    if (!best) return std::nullopt;
    SinkPad sink{node, best, best->name};
    if (best->is_many()) sink.name = same_series(*best, source) ? free_name(node, *best, source) : "";
    if (!sink.name.empty()) taken_[node].insert(sink.name);
    return sink;
}

std::string Routes::free_name(std::size_t node, const Port& port, const SourcePad& source) const {
    auto taken = taken_.find(node);
    auto is_free = [&](const std::string& name) { return taken == taken_.end() || !taken->second.count(name); };
    if (port.has_pad(source.name) && is_free(source.name)) return source.name;  // video_1 stays video_1
    std::size_t number = 0;
    while (!is_free(numbered(port.name, number))) ++number;
    return numbered(port.name, number);
}

bool Routes::is_wanted(const SourcePad& source) const {
    return std::any_of(plan_.edges.begin(), plan_.edges.end(),
                       [&](const Edge& edge) { return edge.from == source.node && selects(edge, source); });
}

void Routes::release(const SinkPad& sink) {
    taken_[sink.node].erase(sink.name);
}

bool Routes::needs_queue(std::size_t node, std::size_t takers) const {
    const auto& outputs = plan_.nodes[node].outputs;
    bool several_pads = outputs.size() > 1 || (!outputs.empty() && outputs.front().presence == Presence::sometimes);
    return takers > 1 || several_pads;
}

std::string inner_name(const Port& port, const std::string& name) {
    if (!port.is_many()) return port.pad;
    std::string number = name.substr(name.find_last_not_of("0123456789") + 1);
    return port.pad.substr(0, port.pad.find('%')) + number;
}

const Port* port_of(const PlannedNode& node, const std::string& pad_name) {
    for (const Port& port : node.outputs) {
        if (port.has_pad(pad_name)) return &port;
    }
    return nullptr;
}

std::vector<SourcePad> expected_pads(const Plan& plan, std::size_t node) {
    std::vector<SourcePad> pads;
    auto expect = [&](const Port& port, const std::string& name, const std::string& kind) {
        auto same = [&](const SourcePad& pad) { return pad.name == name && pad.kind == kind; };
        if (std::none_of(pads.begin(), pads.end(), same)) pads.push_back({node, name, kind, port.caps});
    };
    for (const Port& port : plan.nodes[node].outputs) {
        if (!port.is_many()) {
            expect(port, port.name, port.kind);
            continue;
        }
        if (port.kind.empty()) {
            for (const std::string& kind : wanted_kinds(plan, node)) expect(port, numbered(port.name, 0), kind);
        } else {
            expect(port, numbered(port.name, 0), port.kind);
        }
        for (const std::string& name : plan.nodes[node].announced)
            if (port.has_pad(name)) expect(port, name, port.kind);
        for (const Edge& edge : plan.edges) {
            if (edge.from == node && port.has_pad(edge.pad) && !is_media_kind(edge.pad))
                expect(port, edge.pad, port.kind);
        }
    }
    return pads;
}

}  // namespace millrace::launcher
