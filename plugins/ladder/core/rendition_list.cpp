// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ladder/core/rendition_list.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace millrace::ladder {

namespace {

constexpr std::size_t kMost = 8;
constexpr std::uint32_t kSmallest = 16;  // pixels
constexpr std::uint32_t kLargest = 8192;
constexpr std::uint32_t kFastest = 240;          // frames/s
constexpr std::uint64_t kLeastBitrate = 10'000;  // bit/s
constexpr std::uint64_t kMostBitrate = 200'000'000;

struct CodecName {
    std::string_view name;
    codec::Codec codec;
};
constexpr std::array kCodecs{CodecName{"h264", codec::Codec::h264}, CodecName{"h265", codec::Codec::h265},
                             CodecName{"av1", codec::Codec::av1}};

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Takes a number from the front.
std::optional<std::uint32_t> take_number(std::string_view& text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

// "720p", "720p60" or "640x360".
bool read_size(std::string_view text, RenditionRequest& out) {
    const auto first = take_number(text);
    if (!first) return false;
    if (take(text, 'x')) {
        out.width = *first;
        const auto height = take_number(text);
        if (!height) return false;
        out.height = *height;
        if (!take(text, 'p')) return text.empty();
    } else {
        out.height = *first;
        if (!take(text, 'p')) return false;
    }
    if (text.empty()) return true;
    const auto rate = take_number(text);
    if (!rate || *rate == 0) return false;
    out.frame_rate = *rate;
    return text.empty();
}

// "2500k", "2.5M", "800000".
std::optional<std::uint64_t> read_bitrate(std::string_view text) {
    const auto whole = take_number(text);
    if (!whole) return std::nullopt;
    std::uint64_t thousandths = 0;
    if (take(text, '.')) {
        for (std::uint64_t place = 100; !text.empty() && text.front() >= '0' && text.front() <= '9'; place /= 10) {
            thousandths += place * static_cast<std::uint64_t>(text.front() - '0');
            text.remove_prefix(1);
        }
    }
    std::uint64_t unit = 1;
    if (take(text, 'k'))
        unit = 1'000;
    else if (take(text, 'M'))
        unit = 1'000'000;
    if (!text.empty()) return std::nullopt;
    return std::uint64_t{*whole} * unit + thousandths * unit / 1000;
}

template <class T>
bool is_within(T value, T least, T most) {
    return value >= least && value <= most;
}

Result<RenditionRequest> read_entry(std::string_view entry) {
    auto wrong = [&](const std::string& why) {
        return fail(Fault::bad_input, "'" + std::string(entry) + "' " + why +
                                          "; a rendition is copy, 720p@2500k, 640x360@800k, 720p60@4M or "
                                          "720p@1500k:h265");
    };
    if (entry == "copy") return RenditionRequest{.name = "copy", .copy = true};
    const auto at = entry.find('@');
    if (at == std::string_view::npos) return wrong("has no bitrate");
    RenditionRequest request;
    const std::string_view size = trimmed(entry.substr(0, at));
    if (!read_size(size, request)) return wrong("has no size");
    request.name = size;
    std::string_view rate = entry.substr(at + 1);
    if (const auto colon = rate.find(':'); colon != std::string_view::npos) {
        const std::string_view name = trimmed(rate.substr(colon + 1));
        const auto* found =
            std::find_if(kCodecs.begin(), kCodecs.end(), [&](const auto& row) { return row.name == name; });
        if (found == kCodecs.end()) return wrong("names no codec that can be encoded (h264, h265, av1)");
        request.codec = found->codec;
        rate = rate.substr(0, colon);
    }
    const auto bitrate = read_bitrate(trimmed(rate));
    if (!bitrate) return wrong("has no bitrate that can be read");
    request.bitrate = *bitrate;
    if (!is_within(request.height, kSmallest, kLargest) ||
        (request.width > 0 && !is_within(request.width, kSmallest, kLargest)))
        return wrong("has a side that is not from 16 to 8192 pixels");
    if (request.frame_rate > kFastest) return wrong("has more than 240 frames a second");
    if (!is_within(request.bitrate, kLeastBitrate, kMostBitrate))
        return wrong("has a bitrate that is not from 10k to 200M");
    return request;
}

// Two of one size are told apart by their codec or their bitrate.
void make_unique(std::vector<RenditionRequest>& list) {
    auto taken = [&](std::size_t before, const std::string& name) {
        return std::any_of(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(before),
                           [&](const RenditionRequest& other) { return other.name == name; });
    };
    for (std::size_t i = 1; i < list.size(); ++i) {
        if (!taken(i, list[i].name)) continue;
        const auto* row = std::find_if(kCodecs.begin(), kCodecs.end(),
                                       [&](const auto& codec) { return codec.codec == list[i].codec; });
        std::string name = list[i].name + "-" + std::string(row->name);
        if (list[i].codec == codec::Codec::h264 || taken(i, name))
            name = list[i].name + "-" + std::to_string(list[i].bitrate / 1000) + "k";
        while (taken(i, name)) name += "-2";
        list[i].name = name;
    }
}

}  // namespace

Result<std::vector<RenditionRequest>> parse_renditions(std::string_view text) {
    std::vector<RenditionRequest> list;
    while (!trimmed(text).empty()) {
        const auto comma = text.find(',');
        const std::string_view entry = trimmed(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        if (entry.empty()) continue;
        auto read = read_entry(entry);
        if (!read) return tl::unexpected(std::move(read).error());
        const bool second_copy =
            read->copy && std::any_of(list.begin(), list.end(), [](const auto& r) { return r.copy; });
        if (second_copy) return fail(Fault::bad_input, "'copy' stands twice; it is one rendition");
        list.push_back(std::move(*read));
    }
    if (list.empty())
        return fail(Fault::bad_input, "no rendition is asked for; say which, such as copy,720p@2500k,360p@800k");
    if (list.size() > kMost) return fail(Fault::bad_input, "more than eight renditions");
    make_unique(list);
    return list;
}

}  // namespace millrace::ladder
