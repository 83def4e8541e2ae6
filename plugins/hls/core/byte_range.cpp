// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace millrace::hls {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || stopped != text.data() + text.size()) return {};
    return value;
}

}  // namespace

std::variant<WholeBody, Unsatisfiable, ByteRange> parse_range(std::string_view header, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) return WholeBody{};
    const std::string_view spec = trimmed(header.substr(unit.size()));
    const std::size_t dash = spec.find('-');
    if (dash == spec.npos || spec.find(',') != spec.npos) return WholeBody{};

    const auto first = number(spec.substr(0, dash));
    const auto last = number(spec.substr(dash + 1));
    const bool open_end = dash + 1 == spec.size();
    if (dash == 0) {  // "-N": the last N bytes
        if (!last) return WholeBody{};
        if (*last == 0 || size == 0) return Unsatisfiable{};
        return ByteRange{size - std::min(*last, size), size - 1};
    }
    if (!first || (!last && !open_end) || (last && *last < *first)) return WholeBody{};
    if (*first >= size) return Unsatisfiable{};
    return ByteRange{*first, last ? std::min(*last, size - 1) : size - 1};
}

std::vector<Blob> slice(const std::vector<Blob>& body, ByteRange range) {
    std::vector<Blob> out;
    std::uint64_t at = 0;
    for (const Blob& blob : body) {
        const std::uint64_t begin = std::max(at, range.first);
        const std::uint64_t end = std::min<std::uint64_t>(at + blob.size(), range.last + 1);
        if (begin < end) {
            const ByteView part = blob.view().subspan(begin - at, end - begin);
            out.push_back(part.size() == blob.size() ? blob : Blob(Bytes(part.begin(), part.end())));
        }
        at += blob.size();
    }
    return out;
}

}  // namespace millrace::hls
