// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be served of a presentation at one instant: immutable, shared by every reader on every thread (SYN-7).
// Plain data and look-ups; knows neither how it came about nor HTTP.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/time.hpp"
#include "common/codec/track_format.hpp"

namespace millrace::hls {

// A playlist as text and as gzip, rendered once for all who ask.
struct Rendered {
    Blob plain;
    Blob gzip;
};

// Partial segment: one CMAF chunk, in two blobs so that sample bytes are never moved to make room for the boxes.
struct Part {
    std::uint64_t number = 0;   // running number of the rendition, its URI (HINT-2)
    std::int64_t duration = 0;  // ticks
    bool independent = false;   // contains an IDR or audio
    bool gap = false;           // stands for media that never came: no bytes
    Blob head;
    Blob payload;
};

// A media segment (the parent of its parts). Its bytes are its parts' bytes, one after the other (MP-6).
struct Segment {
    std::uint64_t msn = 0;
    std::uint32_t timescale = 90000;
    std::int64_t start = 0;     // media time, ticks; the first tfdt
    std::int64_t duration = 0;  // ticks, the sum of its parts
    UnixTime date;              // EXT-X-PROGRAM-DATE-TIME
    bool discontinuity = false;
    std::uint64_t discontinuity_sequence = 0;  // of its own media: counts its own EXT-X-DISCONTINUITY
    std::uint64_t init = 0;                    // number of its EXT-X-MAP
    std::vector<std::shared_ptr<const Part>> parts;

    [[nodiscard]] bool gap() const;  // all of it is missing (G-3)
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] Duration length() const;
    [[nodiscard]] std::vector<Blob> blobs() const;
};

struct Init {
    std::uint64_t number = 0;
    Blob bytes;
};

// What the playlists of a presentation promise once and never change (MP-1, SC-1, MV-8).
struct Promises {
    std::uint32_t target_duration = 2;  // s
    std::uint32_t part_target = 20000;  // in 1/100000 s, as printed
    bool can_skip = false;              // CAN-SKIP-UNTIL is six target durations
    bool program_date_time = true;
    std::string playlist_name = "index.m3u8";

    [[nodiscard]] Duration target() const { return std::chrono::seconds(target_duration); }
    [[nodiscard]] Duration skip_until() const { return 6 * target(); }
};

// A place in a media playlist: part `part` of segment `msn`; -1 is before its first part.
struct Position {
    std::uint64_t msn = 0;
    std::int64_t part = -1;
};

struct RenditionSnapshot {
    std::string name;  // empty = none that could be asked for
    codec::Kind kind = codec::Kind::video;
    bool listed = false;  // has a media playlist

    std::vector<std::shared_ptr<const Segment>> segments;  // finished, oldest first, MSNs without holes
    std::size_t first_listed = 0;                          // those before it have left the playlist (HT-16)
    std::shared_ptr<const Segment> open;                   // parts so far of the segment after the last; never null
    std::vector<std::shared_ptr<const Init>> inits;
    std::uint64_t next_part = 0;  // running number of the part that comes next
    std::uint64_t next_init = 0;  // of that part, as far as known (TS-4)

    Rendered full;
    Rendered delta;  // empty when nothing can be skipped

    [[nodiscard]] const Segment* segment(std::uint64_t msn) const;
    [[nodiscard]] const Part* part(std::uint64_t number) const;
    [[nodiscard]] const Init* init(std::uint64_t number) const;
    [[nodiscard]] Position last() const;  // RR-2: of the newest part
};

struct Snapshot {
    bool published = false;  // false until the first complete segment: there is no playlist yet
    bool ended = false;      // EXT-X-ENDLIST
    Promises promises;
    Rendered multivariant;
    std::vector<RenditionSnapshot> renditions;  // by TrackIndex

    [[nodiscard]] const RenditionSnapshot* find(std::string_view name) const;
};

// File names, in one place for playlists, requests and directories.
inline constexpr std::string_view kMediaPlaylist = "media.m3u8";
std::string init_name(std::uint64_t number);  // "init-7.mp4"
std::string segment_name(std::uint64_t msn);  // "s7.m4s"
std::string part_name(std::uint64_t number);  // "p7.m4s"

}  // namespace millrace::hls
