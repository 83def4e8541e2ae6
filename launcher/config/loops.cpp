// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/config/loops.hpp"

#include <algorithm>

namespace millrace::launcher {

namespace {

enum class Mark { unseen, on_the_way, done };

// Depth first along `from`, with a stack of its own: a chain of a hundred thousand nodes is no reason to crash.
class LoopSearch {
  public:
    explicit LoopSearch(const Stream& stream) : stream_(stream), marks_(stream.nodes.size()) {
        for (std::size_t i = 0; i < stream.nodes.size(); ++i) index_.emplace(stream.nodes[i].name.text, i);
    }

    std::optional<Text> run() {
        for (std::size_t start = 0; start < marks_.size(); ++start) {
            if (auto loop = from(start)) return loop;
        }
        return std::nullopt;
    }

  private:
    struct Step {
        std::size_t node;
        std::size_t next = 0;  // which `from` comes next
    };

    std::optional<Text> from(std::size_t start) {
        if (marks_[start] != Mark::unseen) return std::nullopt;
        way_ = {{start}};
        marks_[start] = Mark::on_the_way;
        while (!way_.empty()) {
            Step& step = way_.back();
            const auto& feeds = stream_.nodes[step.node].from;
            if (step.next == feeds.size()) {
                marks_[step.node] = Mark::done;
                way_.pop_back();
                continue;
            }
            const Text& feed = feeds[step.next++];
            std::size_t node = index_.at(split_reference(feed.text).node);
            if (marks_[node] == Mark::on_the_way) return Text{describe(node), feed.at};
            if (marks_[node] == Mark::done) continue;
            marks_[node] = Mark::on_the_way;
            way_.push_back({node});
        }
        return std::nullopt;
    }

    [[nodiscard]] std::string describe(std::size_t closing) const {
        auto start = std::find_if(way_.begin(), way_.end(), [&](const Step& step) { return step.node == closing; });
        std::string names;
        for (auto step = start; step != way_.end(); ++step) names += stream_.nodes[step->node].name.text + " ← ";
        return "a loop of 'from': " + names + stream_.nodes[closing].name.text;
    }

    const Stream& stream_;
    std::vector<Mark> marks_;
    std::map<std::string, std::size_t> index_;
    std::vector<Step> way_;
};

}  // namespace

std::optional<Text> find_loop(const Stream& stream) {
    return LoopSearch(stream).run();
}

Reference split_reference(const std::string& from) {
    auto dot = from.find('.');
    return dot == std::string::npos ? Reference{from, ""} : Reference{from.substr(0, dot), from.substr(dot + 1)};
}

const Node* Stream::find(const std::string& node) const {
    for (const Node& candidate : nodes) {
        if (candidate.name.text == node) return &candidate;
    }
    return nullptr;
}

}  // namespace millrace::launcher
