// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes the media playlist of a rendition (RFC 8216bis 4.4.3 - 4.4.5). A pure function of a snapshot.
#pragma once

#include <string>

#include "hls/core/snapshot.hpp"

namespace millrace::hls {

enum class Form {
    full,   // everything
    delta,  // EXT-X-SKIP in place of old segments
    plain,  // no low-latency tags: for folders on disk, which nobody can ask to wait
};

// Segments a delta update leaves out; 0 when there is none to make (SK-2).
std::size_t skippable(const Snapshot& snapshot, const RenditionSnapshot& rendition);

std::string media_playlist(const Snapshot& snapshot, const RenditionSnapshot& rendition, Form form);

// The same in two pieces: the stem, with all finished segments, stays as it is while parts are added to the open one.
std::string playlist_stem(const Snapshot& snapshot, const RenditionSnapshot& rendition, Form form);
std::string playlist_tail(const Snapshot& snapshot, const RenditionSnapshot& rendition, Form form);

// What a stem depends on, besides the promises: equal keys of one rendition, equal stems.
struct StemKey {
    std::uint64_t first_msn = 0;
    std::uint64_t next_msn = 0;
    std::uint64_t first_msn_with_parts = 0;
    std::size_t skipped = 0;
    bool operator==(const StemKey&) const = default;
};
StemKey stem_key(const Snapshot& snapshot, const RenditionSnapshot& rendition, Form form);

}  // namespace millrace::hls
