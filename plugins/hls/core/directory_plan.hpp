// SPDX-License-Identifier: LGPL-2.1-or-later
// What a folder must gain and lose to hold the presentation of a snapshot, for a CDN's origin. Writes nothing itself.
#pragma once

#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "hls/core/snapshot.hpp"

namespace millrace::hls {

struct FileWrite {
    std::string name;           // relative to the folder, may begin with a rendition's folder: "video_0/s7.m4s"
    std::vector<Blob> content;  // one after the other
};

struct DirectoryPlan {
    std::vector<FileWrite> writes;      // in this order: what a playlist names comes before the playlist
    std::vector<std::string> removals;  // after the writes
    [[nodiscard]] bool empty() const { return writes.empty() && removals.empty(); }
};

// `written`: the snapshot the folder holds already, nullptr for an empty folder. Snapshots between the two may have
// been missed. Playlists are without the low-latency tags, which need a server; they change once a segment, not once a
// part.
DirectoryPlan plan_directory(const Snapshot* written, const Snapshot& next);

}  // namespace millrace::hls
