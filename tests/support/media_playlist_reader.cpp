// SPDX-License-Identifier: LGPL-2.1-or-later
// A line at a time, and what may follow what.
#include "tests/support/media_playlist_reader.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

namespace millrace::test {

namespace {

[[noreturn]] void bad(const std::string& line, const std::string& why) {
    throw std::runtime_error(why + ": " + line);
}

std::uint64_t integer(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos) bad(text, "not a decimal-integer");
    return std::stoull(text);
}

// decimal-floating-point with five decimals, in 1/100000.
std::int64_t decimal(const std::string& text) {
    const auto dot = text.find('.');
    if (dot == text.npos || text.size() - dot - 1 != 5) bad(text, "not a number with five decimals");
    return static_cast<std::int64_t>(integer(text.substr(0, dot)) * 100000 + integer(text.substr(dot + 1)));
}

using Attributes = std::map<std::string, std::string>;

Attributes attributes(const std::string& line, std::string_view list) {
    Attributes found;
    while (!list.empty()) {
        const auto equals = list.find('=');
        if (equals == list.npos || equals == 0) bad(line, "no attribute name");
        const std::string name(list.substr(0, equals));
        if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != name.npos) bad(line, "attribute name");
        list.remove_prefix(equals + 1);
        std::string value;
        if (!list.empty() && list.front() == '"') {
            const auto end = list.find('"', 1);
            if (end == list.npos || end == 1) bad(line, "quoted-string");
            value = std::string(list.substr(0, end + 1));
            list.remove_prefix(end + 1);
        } else {
            const auto end = std::min(list.find(','), list.size());
            value = std::string(list.substr(0, end));
            list.remove_prefix(end);
            if (value.empty() || value.find_first_of(" \"") != value.npos) bad(line, "attribute value");
        }
        if (!found.emplace(name, value).second) bad(line, "attribute twice");
        if (!list.empty() && list.front() != ',') bad(line, "no comma");
        if (!list.empty()) list.remove_prefix(1);
        if (list.empty() && line.back() == ',') bad(line, "comma at the end");
    }
    return found;
}

std::string unquoted(const std::string& line, const Attributes& attributes, const char* name) {
    const auto at = attributes.find(name);
    if (at == attributes.end() || at->second.size() < 3 || at->second.front() != '"') bad(line, name);
    return at->second.substr(1, at->second.size() - 2);
}

std::string required(const std::string& line, const Attributes& attributes, const char* name) {
    const auto at = attributes.find(name);
    if (at == attributes.end()) bad(line, name);
    return at->second;
}

bool yes(const std::string& line, const Attributes& attributes, const char* name) {
    const auto at = attributes.find(name);
    if (at == attributes.end()) return false;
    if (at->second != "YES") bad(line, name);
    return true;
}

// "2026-11-22T11:27:32.123Z" in ms.
std::int64_t date(const std::string& line, const std::string& text) {
    if (text.size() != 24 || text[10] != 'T' || text[19] != '.' || text[23] != 'Z') bad(line, "date");
    const auto field = [&](std::size_t at, std::size_t size) {
        return static_cast<std::int64_t>(integer(text.substr(at, size)));
    };
    std::int64_t days = 0;
    const std::int64_t year = field(0, 4), month = field(5, 2);
    const auto leap = [](std::int64_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
    for (std::int64_t y = 1970; y < year; ++y) days += leap(y) ? 366 : 365;
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (std::int64_t m = 1; m < month; ++m) days += kDays[m - 1] + (m == 2 && leap(year) ? 1 : 0);
    days += field(8, 2) - 1;
    return (((days * 24 + field(11, 2)) * 60 + field(14, 2)) * 60 + field(17, 2)) * 1000 + field(20, 3);
}

class Reader {
  public:
    ReadPlaylist read(std::string_view text) {
        for (char c : text) {
            if (c != '\n' && static_cast<unsigned char>(c) < 0x20) bad(std::string(text), "control character");
        }
        if (text.empty() || text.back() != '\n') bad("", "the last line has no end");
        bool first = true;
        while (!text.empty()) {
            const auto end = text.find('\n');
            const std::string line(text.substr(0, end));
            text.remove_prefix(end + 1);
            if (first && line != "#EXTM3U") bad(line, "SYN-1");
            if (!first) this->line(line);
            first = false;
        }
        if (coming_.uri.empty() && !coming_.parts.empty())
            list_.open = finished(coming_);
        else if (tags_pending_)
            bad("", "tags without a segment");
        if (list_.target_duration < 1) bad("", "MP-1: no TARGETDURATION");
        return std::move(list_);
    }

  private:
    ReadSegment finished(ReadSegment segment) {
        segment.msn = list_.media_sequence + list_.skipped + list_.segments.size();
        segment.map = map_;
        if (map_.empty()) bad(segment.uri, "MP-7: no EXT-X-MAP");
        return segment;
    }

    void once(const std::string& tag) {
        if (!header_.insert(tag).second) bad(tag, "SYN-5: tag twice");
        if (!list_.segments.empty() || tags_pending_) bad(tag, "header tag behind a segment");
    }

    void line(const std::string& line) {
        if (line.empty()) bad(line, "empty line");
        if (list_.ended) bad(line, "behind ENDLIST");
        if (line.front() != '#') return uri(line);
        const auto colon = line.find(':');
        const std::string tag = line.substr(0, colon);
        const std::string value = colon == line.npos ? "" : line.substr(colon + 1);
        if (header_tag(line, tag, value) || segment_tag(line, tag, value) || footer_tag(line, tag, value)) return;
        bad(line, "unknown tag");
    }

    bool header_tag(const std::string& line, const std::string& tag, const std::string& value) {
        if (tag == "#EXT-X-VERSION") {
            once(tag);
            list_.version = static_cast<int>(integer(value));
        } else if (tag == "#EXT-X-TARGETDURATION") {
            once(tag);
            list_.target_duration = static_cast<std::int64_t>(integer(value));
        } else if (tag == "#EXT-X-MEDIA-SEQUENCE") {
            once(tag);
            list_.media_sequence = integer(value);
        } else if (tag == "#EXT-X-DISCONTINUITY-SEQUENCE") {
            once(tag);
            list_.discontinuity_sequence = integer(value);
        } else if (tag == "#EXT-X-PART-INF") {
            once(tag);
            list_.part_target = decimal(required(line, attributes(line, value), "PART-TARGET"));
        } else if (tag == "#EXT-X-SKIP") {
            once(tag);
            list_.skipped = integer(required(line, attributes(line, value), "SKIPPED-SEGMENTS"));
            if (list_.skipped == 0) bad(line, "SK-2");
        } else if (tag == "#EXT-X-SERVER-CONTROL") {
            once(tag);
            const Attributes control = attributes(line, value);
            list_.can_block_reload = yes(line, control, "CAN-BLOCK-RELOAD");
            list_.part_hold_back = decimal(required(line, control, "PART-HOLD-BACK"));
            list_.hold_back = decimal(required(line, control, "HOLD-BACK"));
            if (control.count("CAN-SKIP-UNTIL")) list_.can_skip_until = decimal(control.at("CAN-SKIP-UNTIL"));
        } else {
            return false;
        }
        return true;
    }

    bool segment_tag(const std::string& line, const std::string& tag, const std::string& value) {
        if (tag == "#EXT-X-DISCONTINUITY" || tag == "#EXT-X-MAP" || tag == "#EXT-X-PROGRAM-DATE-TIME") {
            if (!coming_.parts.empty()) bad(line, "PART-9: behind the first part");
        }
        if (tag == "#EXT-X-DISCONTINUITY") {
            coming_.discontinuity = true;
        } else if (tag == "#EXT-X-GAP") {
            coming_.gap = true;
        } else if (tag == "#EXT-X-MAP") {
            map_ = unquoted(line, attributes(line, value), "URI");
        } else if (tag == "#EXT-X-PROGRAM-DATE-TIME") {
            coming_.date = date(line, value);
        } else if (tag == "#EXTINF") {
            if (value.empty() || value.back() != ',') bad(line, "EXTINF");
            coming_.duration = decimal(value.substr(0, value.size() - 1));
            timed_ = true;
        } else if (tag == "#EXT-X-PART") {
            const Attributes part = attributes(line, value);
            coming_.parts.push_back({decimal(required(line, part, "DURATION")), unquoted(line, part, "URI"),
                                     yes(line, part, "INDEPENDENT"), yes(line, part, "GAP")});
        } else {
            return false;
        }
        if (footer_) bad(line, "behind hints and reports");
        tags_pending_ = true;
        return true;
    }

    bool footer_tag(const std::string& line, const std::string& tag, const std::string& value) {
        if (tag == "#EXT-X-ENDLIST") {
            list_.ended = true;
        } else if (tag == "#EXT-X-PRELOAD-HINT") {
            const Attributes hint = attributes(line, value);
            const std::string type = required(line, hint, "TYPE");
            if (type != "PART" && type != "MAP") bad(line, "TYPE");
            std::string& into = type == "PART" ? list_.hinted_part : list_.hinted_map;
            if (!into.empty()) bad(line, "a hint of the type twice");
            into = unquoted(line, hint, "URI");
        } else if (tag == "#EXT-X-RENDITION-REPORT") {
            const Attributes report = attributes(line, value);
            list_.reports.push_back({unquoted(line, report, "URI"), integer(required(line, report, "LAST-MSN")),
                                     integer(required(line, report, "LAST-PART"))});
        } else {
            return false;
        }
        footer_ = true;
        return true;
    }

    void uri(const std::string& line) {
        if (!timed_) bad(line, "MP-5: no EXTINF");
        if (footer_) bad(line, "behind hints and reports");
        coming_.uri = line;
        list_.segments.push_back(finished(std::move(coming_)));
        coming_ = {};
        timed_ = tags_pending_ = false;
    }

    ReadPlaylist list_;
    ReadSegment coming_;
    std::string map_;
    std::set<std::string> header_;
    bool timed_ = false;
    bool tags_pending_ = false;
    bool footer_ = false;
};

}  // namespace

ReadPlaylist read_media_playlist(std::string_view text) {
    return Reader().read(text);
}

}  // namespace millrace::test
