// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads media playlists as strictly as RFC 8216bis allows, for tests: throws on whatever a sound playlist does not
// have. Written apart from the writer, so that the two cannot share a mistake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::test {

struct ReadPart {
    std::int64_t duration = 0;  // 1/100000 s
    std::string uri;
    bool independent = false;
    bool gap = false;
    bool operator==(const ReadPart&) const = default;
};

struct ReadSegment {
    std::uint64_t msn = 0;
    std::int64_t duration = 0;  // 1/100000 s
    std::string uri;            // empty for the open segment
    std::string map;
    std::int64_t date = -1;  // ms since 1970
    bool discontinuity = false;
    bool gap = false;
    std::vector<ReadPart> parts;
    bool operator==(const ReadSegment&) const = default;
};

struct ReadReport {
    std::string uri;
    std::uint64_t last_msn = 0;
    std::uint64_t last_part = 0;
};

struct ReadPlaylist {
    int version = 0;
    std::int64_t target_duration = 0;  // s
    std::int64_t part_target = 0;      // 1/100000 s, like all below
    std::int64_t part_hold_back = 0;
    std::int64_t hold_back = 0;
    std::int64_t can_skip_until = 0;
    bool can_block_reload = false;
    std::uint64_t media_sequence = 0;
    std::uint64_t discontinuity_sequence = 0;
    std::uint64_t skipped = 0;
    bool ended = false;
    std::vector<ReadSegment> segments;  // finished
    std::optional<ReadSegment> open;    // has parts
    std::string hinted_part;
    std::string hinted_map;
    std::vector<ReadReport> reports;
};

ReadPlaylist read_media_playlist(std::string_view text);

}  // namespace millrace::test
