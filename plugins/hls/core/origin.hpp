// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers HTTP requests from a Snapshot: a pure function of the two, so that any thread may ask and nothing is locked.
// CORS, Date, methods other than GET and HEAD, and the Content-Length of GET replies are the HTTP layer's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/bytes.hpp"
#include "hls/core/snapshot.hpp"

namespace millrace::hls {

struct Request {
    std::string_view resource;  // below the stream's path, no leading slash: "index.m3u8", "video_0/p17.m4s"
    std::string_view query;     // without '?', still percent-encoded; "" when absent
    bool accepts_gzip = false;
    bool head = false;       // HEAD never blocks (HT-11)
    std::string_view range;  // the Range header's value, "" when absent
};

struct Reply {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<Blob> body;  // sent one after the other; shared with every other reply, never copied
};

// Answered by a later snapshot: keep it, ask ready() after each publication, answer 503/404 at the deadline.
struct Wait {
    enum class For { playlist, part } what = For::playlist;
    std::size_t rendition = 0;
    std::uint64_t media_sequence = 0;  // playlist: the first (msn, part) that satisfies it …
    std::int64_t part = -1;            // … -1 = the whole segment (DD-2)
    std::uint64_t part_number = 0;     // part: the hinted running number
    Duration longest{};                // blocking longer than this ends in timed_out() (DD-10, HINT-7)
};

using Answer = std::variant<Reply, Wait>;

Answer answer(const Snapshot& snapshot, const Request& request);

// True when `answer` to the same request would be a Reply now. Cheap: compares integers.
bool ready(const Snapshot& snapshot, const Wait& wait);

// What a request gets that waited longer than Wait::longest: 503 for playlists, 404 for hinted parts.
Reply timed_out(const Wait& wait);

// Whether `resource` is one of the presentation's names: its multivariant playlist or anything below a rendition's
// folder.
bool owns(const Snapshot& snapshot, std::string_view resource);

}  // namespace millrace::hls
