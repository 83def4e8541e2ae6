// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a pad's media goes: decided from the plan alone, for a pad that is there and for one that is only expected.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "launcher/graph/plan.hpp"

namespace millrace::launcher {

// A pad that gives media.
struct SourcePad {
    std::size_t node = 0;
    std::string name;  // "video_0"
    std::string kind;  // "" when not known
    gst::Ref<GstCaps> caps;
};

// A pad that takes it.
struct SinkPad {
    std::size_t node = 0;
    const Port* port = nullptr;  // in the plan
    std::string name;            // "sink", or which one to request: "video_0"; "" = any of the port's
};

// Hands out the inputs of a plan's nodes, each once.
class Routes {
  public:
    explicit Routes(const Plan& plan) : plan_(plan) {}

    // Every input that takes the pad, one a node that is fed by it; they are taken until released.
    std::vector<SinkPad> claim(const SourcePad& source);
    void release(const SinkPad& sink);
    // Whether any `from` means this pad, whatever it carries.
    [[nodiscard]] bool is_wanted(const SourcePad& source) const;

    // The tee is for several takers; the queue for each of them, and for a node whose pads share a thread.
    [[nodiscard]] bool needs_queue(std::size_t node, std::size_t takers) const;

  private:
    std::optional<SinkPad> claim_input(std::size_t node, const SourcePad& source);
    [[nodiscard]] std::string free_name(std::size_t node, const Port& port, const SourcePad& source) const;

    const Plan& plan_;
    std::map<std::size_t, std::set<std::string>> taken_;  // node → names of inputs in use
};

// The pads a node will have, as far as anyone can know before it runs: the first of each template, those that a `from`
// names, and those that its element announces.
std::vector<SourcePad> expected_pads(const Plan& plan, std::size_t node);

// What the port's own element calls a pad: outside a fragment it is "video_1", inside it may be "src_1".
std::string inner_name(const Port& port, const std::string& name);

// Which port of its node a pad comes from.
const Port* port_of(const PlannedNode& node, const std::string& pad_name);

}  // namespace millrace::launcher
