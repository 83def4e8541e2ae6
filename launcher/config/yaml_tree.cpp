// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/config/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <sstream>
#include <stdexcept>

namespace millrace::launcher {

namespace {

// "${NAME:-a, b}" is a plain value to a person and a flow mapping to YAML. The characters that YAML would read stand
// aside as control characters, one for one so that columns stay true, until the scalar is there.
constexpr std::string_view kShielded = "{}[],:#\"'";
constexpr std::string_view kNameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
constexpr char kFirstShield = '\x0e';

std::string shield_references(std::string_view text) {
    std::string out(text);
    for (std::size_t start = out.find("${"); start != std::string::npos; start = out.find("${", start + 2)) {
        // Only what has the form of a reference: "${NAME}" or "${NAME:-…}", in one line.
        std::size_t name_end = out.find_first_not_of(kNameCharacters, start + 2);
        if (name_end == std::string::npos) break;
        if (out[name_end] != '}' && out.compare(name_end, 2, ":-") != 0) continue;
        std::size_t end = out.find_first_of("}\n", name_end);
        if (end == std::string::npos) break;
        if (out[end] != '}') continue;
        for (std::size_t i = start; i <= end; ++i) {
            if (auto which = kShielded.find(out[i]); which != std::string_view::npos) {
                out[i] = static_cast<char>(kFirstShield + which);
            }
        }
    }
    return out;
}

std::string unshield(std::string text) {
    for (char& c : text) {
        if (c >= kFirstShield && c < kFirstShield + static_cast<char>(kShielded.size()))
            c = kShielded[c - kFirstShield];
    }
    return text;
}

Position position_of(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

// Our own way out of yaml-cpp's parser; never leaves this file.
struct Stop : std::runtime_error {
    Stop(Position where, const std::string& why) : std::runtime_error(why), at(where) {}
    Position at;
};

// Builds the tree from the parser's events, so that a bound stops the parser where it is crossed.
class TreeBuilder : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        leaf(mark, anchor, YamlNode::Kind::null, "");
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        bool nothing = tag == "?" && (value == "~" || value == "null");  // "?": a plain scalar
        leaf(mark, anchor, nothing ? YamlNode::Kind::null : YamlNode::Kind::scalar, unshield(value));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        auto found = anchors_.find(anchor);
        // An alias inside its own anchor is not in the table yet.
        if (found == anchors_.end()) throw Stop(position_of(mark), "an alias inside what it stands for");
        add(found->second, position_of(mark));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, anchor, YamlNode::Kind::list);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, anchor, YamlNode::Kind::map);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

    [[nodiscard]] YamlNodePtr root() const { return root_; }

  private:
    struct Open {
        std::shared_ptr<YamlNode> node;
        YAML::anchor_t anchor = 0;
        bool has_key = false;  // map: `entries.back()` waits for its value
    };

    void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind, std::string text) {
        auto node = std::make_shared<YamlNode>();
        node->kind = kind;
        node->at = position_of(mark);
        node->text = std::move(text);
        if (anchor) anchors_[anchor] = node;
        add(node, node->at);
    }
    void open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
        if (open_.size() >= kDeepestNesting) throw Stop(position_of(mark), "nested too deep");
        auto node = std::make_shared<YamlNode>();
        node->kind = kind;
        node->at = position_of(mark);
        open_.push_back({std::move(node), anchor});
    }
    void close() {
        Open closed = std::move(open_.back());
        open_.pop_back();
        if (closed.anchor) anchors_[closed.anchor] = closed.node;
        add(closed.node, closed.node->at);
    }
    void add(const YamlNodePtr& node, Position at) {
        if (open_.empty()) {
            root_ = node;
            return;
        }
        Open& parent = open_.back();
        parent.node->weight += node->weight;
        if (parent.node->weight > kMostNodes) throw Stop(at, "too many values, once aliases are written out");
        if (parent.node->kind == YamlNode::Kind::list) {
            parent.node->items.push_back(node);
        } else if (parent.has_key) {
            parent.node->entries.back().value = node;
            parent.has_key = false;
        } else {
            if (node->kind != YamlNode::Kind::scalar) throw Stop(at, "a key must be a plain word");
            parent.node->entries.push_back({at, node->text, nullptr});
            parent.has_key = true;
        }
    }

    std::map<YAML::anchor_t, YamlNodePtr> anchors_;
    std::vector<Open> open_;
    YamlNodePtr root_;
};

// Control characters have no place in a pipeline file, and binary files are refused by their first one.
bool check_characters(std::string_view text, const std::string& file, Problems& problems) {
    Position at;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f || byte >= 0xfe) {
            problems.push_back({file, at, "a control character; this is not a text file"});
            return false;
        }
        at = c == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
    }
    return true;
}

}  // namespace

YamlNodePtr parse_yaml(std::string_view text, const std::string& file, Problems& problems) {
    if (text.size() > kLargestFile) {
        problems.push_back({file, {}, "larger than 1 MiB; this is not a pipeline file"});
        return nullptr;
    }
    if (!check_characters(text, file, problems)) return nullptr;
    try {
        std::istringstream in(shield_references(text));
        YAML::Parser parser(in);
        TreeBuilder builder;
        if (!parser.HandleNextDocument(builder) || !builder.root()) return std::make_shared<YamlNode>();
        TreeBuilder second;
        if (parser.HandleNextDocument(second)) {
            problems.push_back(
                {file, second.root() ? second.root()->at : Position{}, "a second document; a pipeline file has one"});
            return nullptr;
        }
        return builder.root();
    } catch (const Stop& stop) {
        problems.push_back({file, stop.at, stop.what()});
    } catch (const YAML::Exception& error) {
        problems.push_back({file, position_of(error.mark), "not YAML: " + error.msg});
    } catch (const std::exception& error) {
        problems.push_back({file, {}, std::string("cannot be read: ") + error.what()});
    }
    return nullptr;
}

}  // namespace millrace::launcher
