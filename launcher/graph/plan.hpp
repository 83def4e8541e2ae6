// SPDX-License-Identifier: LGPL-2.1-or-later
// What a stream becomes: its elements with their properties, what can come out of and go into each, and who is fed by
// whom. Checked against the registry; nothing of it runs. Building a pipeline and printing a gst-launch line both
// follow it and nothing else.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>
#include <vector>

#include "common/gst/ref.hpp"
#include "launcher/config/pipeline_file.hpp"
#include "launcher/graph/fragment.hpp"

namespace millrace::launcher {

enum class Presence { always, sometimes, request };

// A pad of a node, or a template of pads that come later.
struct Port {
    std::string name;     // as `from` calls it: "src", "video_0", "video_%u"
    std::string element;  // whose pad it is; inside a fragment not the node itself
    std::string pad;      // that element's name for it
    Presence presence = Presence::always;
    gst::Ref<GstCaps> caps;
    std::string kind;  // media_kind() of the caps

    [[nodiscard]] bool is_many() const { return name.find('%') != std::string::npos; }
    // Whether a pad of this name is this port's: "video_0" is "video_%u"'s.
    [[nodiscard]] bool has_pad(const std::string& pad_name) const;
};

struct Setting {
    std::string name;
    std::string value;
};

struct PlannedNode {
    std::string name;
    std::string factory;  // empty for a fragment
    Fragment fragment;
    std::vector<std::string> factories;  // of the element, or of all in the fragment
    std::vector<Setting> settings;
    std::vector<Port> outputs;
    std::vector<Port> inputs;
    std::vector<std::string> announced;  // names of output pads that the element says are to come
    bool live = false;                   // a source that gives media at the pace of a clock or a network
};

struct Edge {
    std::size_t from = 0;
    std::string pad;  // "" = every pad, or a media kind, or a pad's name
    std::size_t to = 0;
};

struct Plan {
    std::string path;
    std::vector<PlannedNode> nodes;
    std::vector<Edge> edges;
    // Live: a branch that cannot keep up drops. Otherwise it holds the source back, as reading a file should.
    bool live = false;

    [[nodiscard]] bool is_fed(std::size_t node) const;
    [[nodiscard]] bool feeds(std::size_t node) const;
};

// The plan of `stream` at `path` (which its pattern matches). Nothing, with problems added, when it cannot work.
std::optional<Plan> make_plan(const Stream& stream, const std::string& path, Problems& problems);

}  // namespace millrace::launcher
