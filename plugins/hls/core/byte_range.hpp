// SPDX-License-Identifier: LGPL-2.1-or-later
// One byte range of a body made of several blobs (RFC 9110 14.2, HT-10). Blobs inside the range are shared, not copied.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/bytes.hpp"

namespace millrace::hls {

struct WholeBody {};      // no range, or one that must or may be ignored (another unit, several ranges, nonsense)
struct Unsatisfiable {};  // 416
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // inclusive
};

std::variant<WholeBody, Unsatisfiable, ByteRange> parse_range(std::string_view header, std::uint64_t size);

std::vector<Blob> slice(const std::vector<Blob>& body, ByteRange range);

}  // namespace millrace::hls
