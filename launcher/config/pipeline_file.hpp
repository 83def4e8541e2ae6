// SPDX-License-Identifier: LGPL-2.1-or-later
// A pipeline file as read: what it says and where it says it. Whether an element or property exists is not known here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "launcher/config/path_pattern.hpp"
#include "launcher/config/problem.hpp"

namespace millrace::launcher {

// A text of the file with its place. Two files that say the same are the same, wherever they say it.
struct Text {
    std::string text;
    Position at;
    bool operator==(const Text& other) const { return text == other.text; }
};

struct Property {
    Text name;
    std::vector<Text> values;  // one, unless the file has a list
    bool is_list = false;
    bool operator==(const Property&) const = default;
};

struct Node {
    Text name;
    Text element;            // a factory's name; empty when `launch` is there
    Text launch;             // a fragment in gst-launch syntax
    std::vector<Text> from;  // "in", "in.video_0", "in.video"
    std::vector<Property> properties;
    bool operator==(const Node&) const = default;
};

enum class Run { on_publish, always, on_demand };

struct Stream {
    PathPattern pattern;
    Position at;
    std::string file;  // for messages about it
    Run run = Run::on_publish;
    std::vector<Node> nodes;

    [[nodiscard]] const Node* find(const std::string& node) const;
    // Unchanged by a reload?
    bool operator==(const Stream& other) const {
        return pattern == other.pattern && run == other.run && nodes == other.nodes;
    }
};

struct Tls {
    Text certificate;
    Text key;
    bool operator==(const Tls&) const = default;
};

struct PipelineFile {
    std::map<std::string, Text> listen;  // protocol → "[ADDRESS]:PORT"
    std::optional<Tls> tls;
    std::vector<Stream> streams;
};

// "in.video" → {"in", "video"}; "in" → {"in", ""}.
struct Reference {
    std::string node;
    std::string pad;
};
Reference split_reference(const std::string& from);

}  // namespace millrace::launcher
