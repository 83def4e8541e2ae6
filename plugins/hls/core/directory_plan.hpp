// SPDX-License-Identifier: LGPL-2.1-or-later
// What must change in a folder so that it shows a snapshot as plain HLS, for origins that only serve files: whole
// segments and playlists without the low-latency tags that need a live server. Decides; touches no file.
#pragma once

#include <string>
#include <vector>

#include "hls/core/snapshot.hpp"

namespace millrace::hls {

struct DirectoryPlan {
    struct File {
        std::string name;  // below the folder: "video_0/s17.m4s"
        std::vector<Blob> content;
    };
    std::vector<File> writes;           // in this order: nothing is listed before it is there
    std::vector<std::string> removals;  // after the writes

    [[nodiscard]] bool empty() const { return writes.empty() && removals.empty(); }
};

// From a folder that shows `before` (nullptr: nothing yet) to one that shows `now`.
DirectoryPlan directory_plan(const Snapshot* before, const Snapshot& now);

}  // namespace millrace::hls
