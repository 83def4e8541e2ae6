// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/config/read.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "launcher/config/keys.hpp"
#include "launcher/config/loops.hpp"
#include "launcher/config/suggestion.hpp"
#include "launcher/config/yaml_tree.hpp"

namespace millrace::launcher {

namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kMostSuggestions = 100;
constexpr std::size_t kMostNodesOfAStream = 1000;

bool is_name(std::string_view name) {
    auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= 64 && name.front() != '-' && std::all_of(name.begin(), name.end(), fits);
}

bool is_listen_address(std::string_view text) {
    auto colon = text.rfind(':');
    if (colon == std::string_view::npos || text.find(' ') != std::string_view::npos) return false;
    std::string_view port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5) return false;
    int number = 0;
    for (char c : port) {
        if (c < '0' || c > '9') return false;
        number = number * 10 + (c - '0');
    }
    return number <= 65535;
}

// Walks the tree once and notes every problem on the way; one that is found does not hide the next.
class Reader {
  public:
    Reader(std::string file, const Environment& environment, Problems& problems)
        : file_(std::move(file)), environment_(environment), problems_(problems) {}

    PipelineFile file(const YamlNode& root);

  private:
    void problem(Position at, std::string message) { problems_.push_back({file_, at, std::move(message)}); }

    bool is_map(const YamlNode& node, std::string_view what, std::string_view example);
    void check_keys(const YamlNode& map, std::string_view what, const Keys& keys);
    void check_twice(const YamlNode& map);
    // Only for the first problems: nobody reads the ten thousandth, and looking for each costs.
    std::string suggest(const std::string& word, const std::vector<std::string>& names) const {
        return problems_.size() < kMostSuggestions ? did_you_mean(word, names) : "";
    }
    std::optional<Text> text(const YamlNode& node, std::string_view what);
    std::vector<Text> texts(const YamlNode& node, std::string_view what);

    void listen(const YamlNode& map, PipelineFile& out);
    void tls(const YamlNode& map, PipelineFile& out);
    void check_certificate(const PipelineFile& file);
    std::optional<Stream> stream(const YamlEntry& entry);
    std::optional<Run> run(const YamlNode& value);
    Node node(const YamlEntry& entry);
    void property(const YamlEntry& entry, Node& out);
    void check_one_kind(const Node& node);
    void check_references(const Stream& stream);

    const std::string file_;
    const Environment& environment_;
    Problems& problems_;
};

const YamlNode* value_of(const YamlNode& map, std::string_view key) {
    for (const YamlEntry& entry : map.entries) {
        if (entry.key == key) return entry.value.get();
    }
    return nullptr;
}

bool Reader::is_map(const YamlNode& node, std::string_view what, std::string_view example) {
    if (node.kind == Kind::map && !node.entries.empty()) return true;
    problem(node.at, std::string(what) + " must be a map, such as '" + std::string(example) + "'");
    return false;
}

void Reader::check_twice(const YamlNode& map) {
    std::map<std::string, Position> seen;
    for (const YamlEntry& entry : map.entries) {
        auto [first, fresh] = seen.emplace(entry.key, entry.at);
        if (!fresh)
            problem(entry.at, "'" + entry.key + "' again; it is already in line " + std::to_string(first->second.line));
    }
}

void Reader::check_keys(const YamlNode& map, std::string_view what, const Keys& keys) {
    check_twice(map);
    const auto names = names_of(keys);
    for (const YamlEntry& entry : map.entries) {
        if (std::find(names.begin(), names.end(), entry.key) != names.end()) continue;
        problem(entry.at, "unknown key '" + entry.key + "' in " + std::string(what) + suggest(entry.key, names));
    }
    for (const Key& key : keys) {
        if (key.required && !value_of(map, key.name)) {
            problem(map.at, std::string(what) + " needs '" + std::string(key.name) + "'");
        }
    }
}

std::optional<Text> Reader::text(const YamlNode& node, std::string_view what) {
    if (node.kind != Kind::scalar) {
        problem(node.at, std::string(what) + (node.kind == Kind::null ? " has no value" : " must be one value"));
        return std::nullopt;
    }
    auto value = substitute_environment(node.text, environment_);
    if (!value) {
        problem(node.at, value.error().what);
        return std::nullopt;
    }
    return Text{*value, node.at};
}

std::vector<Text> Reader::texts(const YamlNode& node, std::string_view what) {
    std::vector<Text> out;
    if (node.kind != Kind::list) {
        if (auto one = text(node, what)) out.push_back(*one);
        return out;
    }
    if (node.items.empty()) problem(node.at, std::string(what) + " is an empty list");
    for (const YamlNodePtr& item : node.items) {
        if (auto one = text(*item, what)) out.push_back(*one);
    }
    return out;
}

void Reader::listen(const YamlNode& map, PipelineFile& out) {
    if (!is_map(map, "'listen'", "http: \":8080\"")) return;
    check_keys(map, "'listen'", listen_keys());
    for (const YamlEntry& entry : map.entries) {
        auto address = text(*entry.value, "'" + entry.key + "'");
        if (!address) continue;
        if (!is_listen_address(address->text)) {
            problem(address->at,
                    "'" + address->text + "' is not an address to listen on; write \":8080\" or \"127.0.0.1:8080\"");
            continue;
        }
        out.listen.emplace(entry.key, *address);
    }
}

void Reader::tls(const YamlNode& map, PipelineFile& out) {
    if (!is_map(map, "'tls'", "certificate: cert.pem")) return;
    check_keys(map, "'tls'", tls_keys());
    Tls tls;
    if (const YamlNode* certificate = value_of(map, "certificate")) {
        tls.certificate = text(*certificate, "'certificate'").value_or(Text{});
    }
    if (const YamlNode* key = value_of(map, "key")) tls.key = text(*key, "'key'").value_or(Text{});
    for (const Text* path : {&tls.certificate, &tls.key}) {
        struct stat found {};
        if (path->text.empty() || ::stat(path->text.c_str(), &found) == 0) continue;
        problem(path->at, "there is no file '" + path->text + "'");
    }
    out.tls = tls;
}

// The environment may name the certificate instead, as it may for elements without a launcher.
void Reader::check_certificate(const PipelineFile& file) {
    if (file.tls || environment_("MILLRACE_TLS_CERTIFICATE")) return;
    for (const Key& key : listen_keys()) {
        auto address = file.listen.find(std::string(key.name));
        if (!key.secure || address == file.listen.end()) continue;
        problem(address->second.at, "'" + address->first + "' needs 'tls' with a certificate and its key");
    }
}

std::optional<Run> Reader::run(const YamlNode& value) {
    auto word = text(value, "'run'");
    if (!word) return std::nullopt;
    const auto& values = run_values();
    auto found = std::find(values.begin(), values.end(), word->text);
    if (found != values.end()) return static_cast<Run>(found - values.begin());
    problem(word->at, "'" + word->text + "' is not a way to run; there are on-publish, always and on-demand" +
                          suggest(word->text, values));
    return std::nullopt;
}

void Reader::property(const YamlEntry& entry, Node& out) {
    Property property{{entry.key, entry.at}, {}, entry.value->kind == Kind::list};
    property.values = texts(*entry.value, "'" + entry.key + "'");
    out.properties.push_back(std::move(property));
}

void Reader::check_one_kind(const Node& node) {
    const std::string& name = node.name.text;
    if (node.element.text.empty() == node.launch.text.empty()) {
        problem(node.name.at, node.element.text.empty() ? "node '" + name + "' needs 'element' or 'launch'"
                                                        : "node '" + name + "' has both 'element' and 'launch'");
    } else if (!node.launch.text.empty() && !node.properties.empty()) {
        const Text& extra = node.properties.front().name;
        problem(extra.at, "'" + extra.text + "' beside 'launch'; properties of a fragment go into its text" +
                              suggest(extra.text, names_of(node_keys())));
    }
}

Node Reader::node(const YamlEntry& entry) {
    Node out;
    out.name = {entry.key, entry.at};
    if (!is_name(entry.key))
        problem(entry.at, "'" + entry.key + "' is not a name for a node; use letters, digits, '_' and '-'");
    if (!is_map(*entry.value, "node '" + entry.key + "'", "{element: fakesink, from: in}")) return out;
    check_twice(*entry.value);
    const std::size_t before = problems_.size();
    for (const YamlEntry& key : entry.value->entries) {
        if (key.key == "element") {
            out.element = text(*key.value, "'element'").value_or(Text{});
        } else if (key.key == "launch") {
            out.launch = text(*key.value, "'launch'").value_or(Text{});
        } else if (key.key == "from") {
            out.from = texts(*key.value, "'from'");
        } else {
            property(key, out);
        }
    }
    if (problems_.size() == before) check_one_kind(out);
    return out;
}

void Reader::check_references(const Stream& stream) {
    std::vector<std::string> names;
    for (const Node& node : stream.nodes) names.push_back(node.name.text);
    const std::set<std::string> exist(names.begin(), names.end());
    bool known = true;
    for (const Node& node : stream.nodes) {
        for (const Text& from : node.from) {
            Reference reference = split_reference(from.text);
            if (exist.count(reference.node)) continue;
            known = false;
            problem(from.at, "unknown node '" + reference.node + "' in 'from'" + suggest(reference.node, names));
        }
    }
    if (!known) return;
    if (auto loop = find_loop(stream)) problem(loop->at, loop->text);
}

std::optional<Stream> Reader::stream(const YamlEntry& entry) {
    Stream out;
    out.at = entry.at;
    out.file = file_;
    auto pattern = PathPattern::parse(entry.key);
    if (!pattern) problem(entry.at, pattern.error().what);
    if (!is_map(*entry.value, "stream '" + entry.key + "'", "{run: always, nodes: {…}}")) return std::nullopt;
    check_keys(*entry.value, "stream '" + entry.key + "'", stream_keys());
    if (const YamlNode* value = value_of(*entry.value, "run")) out.run = run(*value).value_or(Run::on_publish);
    if (const YamlNode* nodes = value_of(*entry.value, "nodes");
        nodes && is_map(*nodes, "'nodes'", "in: {element: videotestsrc}")) {
        check_twice(*nodes);
        if (nodes->entries.size() > kMostNodesOfAStream) {
            problem(nodes->at, "more than 1000 nodes in a stream");
            return std::nullopt;
        }
        for (const YamlEntry& node_entry : nodes->entries) out.nodes.push_back(node(node_entry));
        check_references(out);
    }
    if (!pattern) return std::nullopt;
    out.pattern = *pattern;
    if (out.run == Run::always && !pattern->is_literal()) {
        problem(entry.at,
                "'" + entry.key + "' stands for many paths, so it cannot run always; use on-publish or on-demand");
    }
    return out;
}

PipelineFile Reader::file(const YamlNode& root) {
    PipelineFile out;
    if (root.kind == Kind::null) {
        problem(root.at, "the file is empty; it needs 'streams'");
        return out;
    }
    if (!is_map(root, "a pipeline file", "streams: {…}")) return out;
    check_keys(root, "the file", file_keys());
    if (const YamlNode* map = value_of(root, "listen")) listen(*map, out);
    if (const YamlNode* map = value_of(root, "tls")) tls(*map, out);
    if (!value_of(root, "tls")) check_certificate(out);
    if (const YamlNode* map = value_of(root, "streams"); map && is_map(*map, "'streams'", "live/*: {nodes: {…}}")) {
        check_twice(*map);
        for (const YamlEntry& entry : map->entries) {
            if (auto read = stream(entry)) out.streams.push_back(std::move(*read));
        }
    }
    return out;
}

// At most one byte more than is allowed, so that an endless file ends here.
std::optional<std::string> read_bounded(const std::string& file, std::string& why) {
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0) {
        why = errno == ENOENT ? "there is no such file" : "cannot be opened: " + std::string(std::strerror(errno));
        return std::nullopt;
    }
    if (S_ISDIR(found.st_mode)) {
        why = "this is a directory; name a pipeline file in it";
        return std::nullopt;
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        why = "cannot be opened: " + std::string(std::strerror(errno));
        return std::nullopt;
    }
    std::string text(kLargestFile + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

void merge(PipelineFile& all, PipelineFile&& more, const std::string& file, Problems& problems) {
    for (auto& [protocol, address] : more.listen) {
        auto [existing, fresh] = all.listen.emplace(protocol, address);
        if (fresh || existing->second == address) continue;
        problems.push_back({file, address.at, "'" + protocol + "' is '" + existing->second.text + "' in another file"});
    }
    if (more.tls && all.tls && *more.tls != *all.tls) {
        problems.push_back({file, more.tls->certificate.at, "another file has another 'tls'"});
    } else if (more.tls) {
        all.tls = std::move(more.tls);
    }
    std::map<std::string, const Stream*> known;
    for (const Stream& stream : all.streams) known.emplace(stream.pattern.text(), &stream);
    for (const Stream& stream : more.streams) {
        auto other = known.find(stream.pattern.text());
        if (other == known.end()) continue;
        problems.push_back({file, stream.at,
                            "stream '" + stream.pattern.text() + "' again; it is already in " + other->second->file +
                                ":" + std::to_string(other->second->at.line)});
    }
    std::move(more.streams.begin(), more.streams.end(), std::back_inserter(all.streams));
}

}  // namespace

std::optional<PipelineFile> read_pipeline_text(std::string_view text, const std::string& file,
                                               const Environment& environment, Problems& problems) {
    const std::size_t before = problems.size();
    YamlNodePtr tree = parse_yaml(text, file, problems);
    if (!tree) return std::nullopt;
    PipelineFile out = Reader(file, environment, problems).file(*tree);
    std::stable_sort(problems.begin() + static_cast<std::ptrdiff_t>(before), problems.end(),
                     [](const Problem& a, const Problem& b) { return a.at < b.at; });
    return problems.size() == before ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<PipelineFile> read_pipeline_file(const std::string& file, const Environment& environment,
                                               Problems& problems) {
    std::string why;
    auto text = read_bounded(file, why);
    if (!text) {
        problems.push_back({file, {}, why});
        return std::nullopt;
    }
    return read_pipeline_text(*text, file, environment, problems);
}

std::optional<PipelineFile> read_pipeline_files(const std::vector<std::string>& files, const Environment& environment,
                                                Problems& problems) {
    const std::size_t before = problems.size();
    PipelineFile all;
    for (const std::string& file : files) {
        if (auto one = read_pipeline_file(file, environment, problems)) merge(all, std::move(*one), file, problems);
    }
    return problems.size() == before ? std::optional(std::move(all)) : std::nullopt;
}

}  // namespace millrace::launcher
