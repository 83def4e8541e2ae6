// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/expand.hpp"

#include <algorithm>
#include <set>

#include "launcher/graph/branch.hpp"
#include "launcher/graph/media_kind.hpp"
#include "launcher/graph/routes.hpp"

namespace millrace::launcher {

namespace {

// A string that begins with a quote is taken for a serialized one: serialized once more it stays what it is.
std::string gst_quoted(const std::string& text) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_STRING);
    g_value_set_string(&value, text.c_str());
    gst::OwnedText serialized(gst_value_serialize(&value));
    g_value_unset(&value);
    return serialized.get();
}

// As gst-launch reads a property's value: in double quotes unless it is one plain word. gst_parse_launchv() escapes the
// blanks of each argument outside quotes only, so quotes go around all of it and not just before what needs them.
std::string quoted_value(std::string value) {
    if (!value.empty() && value.front() == '"') value = gst_quoted(value);
    bool plain = !value.empty() && value.find_first_of(" \t\n\r\"'\\") == std::string::npos;
    if (plain) return value;
    std::string out = "\"";
    for (char c : value) {
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string shell_quoted(const std::string& word) {
    auto is_plain = [](char c) {
        return g_ascii_isalnum(c) || std::string_view("-_=+:,./@%!").find(c) != std::string_view::npos;
    };
    if (std::all_of(word.begin(), word.end(), is_plain)) return word;
    std::string out = "'";
    for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

class Line {
  public:
    explicit Line(const Plan& plan) : plan_(plan), routes_(plan) {}

    std::vector<std::string> run() {
        for (std::size_t node = 0; node < plan_.nodes.size(); ++node) {
            for (const SourcePad& pad : expected_pads(plan_, node)) link(pad);
        }
        std::vector<std::string> line;
        for (const PlannedNode& node : plan_.nodes) define(node, line);
        line.insert(line.end(), links_.begin(), links_.end());
        return line;
    }

  private:
    void define(const PlannedNode& node, std::vector<std::string>& line) {
        if (node.factory.empty()) {
            auto words = node.fragment.words(referred_);
            line.insert(line.end(), words.begin(), words.end());
            return;
        }
        line.push_back(node.factory);
        line.push_back("name=" + node.name);
        for (const Setting& setting : node.settings) line.push_back(setting.name + "=" + quoted_value(setting.value));
    }

    void link(const SourcePad& pad) {
        const Port& port = *port_of(plan_.nodes[pad.node], pad.name);
        auto sinks = routes_.claim(pad);
        if (sinks.empty()) {
            if (port.presence == Presence::always && plan_.feeds(pad.node)) {
                chain(source(port, pad), discard_words());
            }
            return;
        }
        std::vector<std::string> from = source(port, pad);
        if (sinks.size() > 1) {
            std::string tee = "tee-" + plan_.nodes[pad.node].name + "-" + pad.name;
            chain(from, {"tee", "name=" + tee});
            from = {tee + "."};
        }
        for (const SinkPad& sink : sinks) {
            std::vector<std::string> to;
            if (routes_.needs_queue(pad.node, sinks.size())) {
                to = queue_words(plan_.live);
                to.push_back("!");
            }
            referred_.insert(sink.port->element);
            to.push_back(sink.port->element + "." + (sink.name.empty() ? "" : inner_name(*sink.port, sink.name)));
            chain(from, to);
        }
    }

    // "in.video_0", or "in. ! video/x-raw" where only the kind of media tells the pads apart.
    std::vector<std::string> source(const Port& port, const SourcePad& pad) {
        referred_.insert(port.element);
        if (port.presence == Presence::sometimes && port.kind.empty() && !pad.kind.empty()) {
            return {port.element + ".", "!", filter(pad)};
        }
        return {port.element + "." + inner_name(port, pad.name)};
    }

    // The media types of its takers: what the pad must give so that it is the one that is meant.
    std::string filter(const SourcePad& pad) {
        std::string types;
        std::set<std::string> seen;
        for (const Edge& edge : plan_.edges) {
            if (edge.from != pad.node) continue;
            for (const Port& input : plan_.nodes[edge.to].inputs) add_types(input, pad.kind, seen, types);
        }
        return types.empty() ? pad.kind + "/x-raw" : types;
    }

    static void add_types(const Port& input, const std::string& kind, std::set<std::string>& seen, std::string& types) {
        if (input.kind != kind) return;
        for (guint i = 0; i < gst_caps_get_size(input.caps.get()); ++i) {
            std::string type = gst_structure_get_name(gst_caps_get_structure(input.caps.get(), i));
            if (seen.insert(type).second) types += (types.empty() ? "" : ";") + type;
        }
    }

    void chain(const std::vector<std::string>& from, const std::vector<std::string>& to) {
        links_.insert(links_.end(), from.begin(), from.end());
        links_.emplace_back("!");
        links_.insert(links_.end(), to.begin(), to.end());
    }

    const Plan& plan_;
    Routes routes_;
    std::set<std::string> referred_;  // elements that links name
    std::vector<std::string> links_;
};

}  // namespace

std::vector<std::string> launch_arguments(const Plan& plan) {
    return Line(plan).run();
}

std::string launch_line(const Plan& plan) {
    std::string line = "gst-launch-1.0";
    for (const std::string& word : launch_arguments(plan)) line += " " + shell_quoted(word);
    return line;
}

}  // namespace millrace::launcher
