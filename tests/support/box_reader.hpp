// SPDX-License-Identifier: LGPL-2.1-or-later
// ISO BMFF boxes as a tree, for tests. Written apart from the muxer, so that the two cannot share a mistake; throws on
// whatever is not a box.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.hpp"

namespace millrace::test {

struct BoxNode {
    std::string type;
    std::size_t offset = 0;  // in the bytes that were read first
    ByteView bytes;          // the whole box
    ByteView body;           // behind size and type
    std::vector<BoxNode> children;

    [[nodiscard]] std::size_t count(std::string_view kind) const {
        std::size_t found = 0;
        for (const BoxNode& child : children) found += child.type == kind ? 1 : 0;
        return found;
    }
    // The only child of that type.
    [[nodiscard]] const BoxNode& at(std::string_view kind) const {
        if (count(kind) != 1) throw std::runtime_error(type + " holds no single " + std::string(kind));
        for (const BoxNode& child : children) {
            if (child.type == kind) return child;
        }
        throw std::logic_error("unreachable");
    }
    [[nodiscard]] std::vector<std::string> child_types() const {
        std::vector<std::string> types;
        for (const BoxNode& child : children) types.push_back(child.type);
        return types;
    }
    [[nodiscard]] ByteReader fields() const { return ByteReader(body); }
};

namespace detail {

// Where child boxes begin behind size and type; none for a type that holds no boxes.
inline int children_at(std::string_view type) {
    struct Row {
        std::string_view type;
        int at;
    };
    constexpr Row kRows[] = {{"moov", 0},  {"trak", 0},  {"mdia", 0},  {"minf", 0},  {"dinf", 0}, {"stbl", 0},
                             {"mvex", 0},  {"moof", 0},  {"traf", 0},  {"dref", 8},  {"stsd", 8}, {"avc1", 78},
                             {"hvc1", 78}, {"av01", 78}, {"vp09", 78}, {"mp4a", 28}, {"Opus", 28}};
    for (const Row& row : kRows) {
        if (row.type == type) return row.at;
    }
    return -1;
}

}  // namespace detail

inline std::vector<BoxNode> read_boxes(ByteView bytes, std::size_t offset = 0) {
    std::vector<BoxNode> boxes;
    while (!bytes.empty()) {
        ByteReader header(bytes);
        std::size_t size = header.u32();
        BoxNode box;
        box.type = as_text(header.take(4));
        if (header.failed() || size < 8 || size > bytes.size()) {
            throw std::runtime_error("no whole box at " + std::to_string(offset));
        }
        box.offset = offset;
        box.bytes = bytes.first(size);
        box.body = box.bytes.subspan(8);
        int at = detail::children_at(box.type);
        if (at >= 0) {
            auto skipped = static_cast<std::size_t>(at);
            box.children = read_boxes(box.body.subspan(skipped), offset + 8 + skipped);
        }
        boxes.push_back(std::move(box));
        bytes = bytes.subspan(size);
        offset += size;
    }
    return boxes;
}

}  // namespace millrace::test
