// SPDX-License-Identifier: LGPL-2.1-or-later
// YAML as a tree in which everything knows its position. Knows nothing of pipelines, and is the only place that knows
// yaml-cpp and its exceptions. Bounded: size, depth, and the number of nodes once aliases are written out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/config/problem.hpp"

namespace millrace::launcher {

struct YamlNode;
using YamlNodePtr = std::shared_ptr<const YamlNode>;

struct YamlEntry {
    Position at;  // of the key
    std::string key;
    YamlNodePtr value;
};

struct YamlNode {
    enum class Kind { null, scalar, list, map };
    Kind kind = Kind::null;
    Position at;
    std::string text;                // scalar
    std::vector<YamlNodePtr> items;  // list
    std::vector<YamlEntry> entries;  // map, in the file's order, duplicates kept
    std::size_t weight = 1;          // nodes in it, each alias counted as what it stands for
};

inline constexpr std::size_t kLargestFile = 1 << 20;
inline constexpr std::size_t kMostNodes = 100'000;
inline constexpr int kDeepestNesting = 32;

// One document. Null, with a problem added, when the text is not YAML or goes beyond a bound.
YamlNodePtr parse_yaml(std::string_view text, const std::string& file, Problems& problems);

}  // namespace millrace::launcher
