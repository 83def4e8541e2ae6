// SPDX-License-Identifier: LGPL-2.1-or-later
// The keys of a pipeline file, as tables: the reader, the messages and the JSON Schema all come from these rows.
// Properties of elements are not here: the launcher asks the element.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::launcher {

enum class Shape { text, texts, address, run, tls, listen, streams, nodes };

struct Key {
    std::string_view name;
    Shape shape;
    std::string_view blurb;
    bool required = false;
    bool secure = false;  // an address that needs a certificate
};
using Keys = std::vector<Key>;

const Keys& file_keys();
const Keys& listen_keys();
const Keys& tls_keys();
const Keys& stream_keys();
const Keys& node_keys();  // every other key of a node is a property of its element

const std::vector<std::string>& run_values();  // in the order of enum class Run

std::vector<std::string> names_of(const Keys& keys);

}  // namespace millrace::launcher
